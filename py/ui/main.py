"""Entry of the page."""

from ui.app import App

App().begin()
