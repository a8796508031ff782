"""What the browser keeps: months read, their checkpoint, the last view."""
