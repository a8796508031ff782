"""Pictures of every state of the screen, taken by one command and looked at by people."""
