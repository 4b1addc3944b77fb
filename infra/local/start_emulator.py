"""Starts MiniStack with Nagle's algorithm off: its servers write small packets, and waiting costs 40 ms a call."""

import socketserver

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack.app import main  # noqa: E402  (the switch above must come first)

main()
