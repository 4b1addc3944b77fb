"""What AWS has and the emulator lacks: limits, always; and faults, on command.

It stands before the emulator in the emulator's own process, where every request of a function, a test or the SAM CLI comes
through. What the emulator does inside itself, such as a queue calling its function, does not. What is imitated, and where each
fact is from, is in infra/decisions/0056-shaped-like-aws.md.
"""
