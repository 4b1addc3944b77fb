"""Tests of what stands before the emulator."""
