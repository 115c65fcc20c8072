# What the analysis of the loop rlms-canary reads: small, and nobody works on it, so its result is always the same.


class OverdraftError(Exception):
    """An overdraft was refused: the balance would fall below zero."""


class Ledger:
    def __init__(self):
        self.entries = []

    def check_deposit(self, amount):
        """A deposit is positive."""
        if amount <= 0:
            raise ValueError("a deposit must be positive")

    def deposit(self, amount):
        self.check_deposit(amount)
        self.entries.append(amount)

    def balance(self):
        """The balance is computed from every entry."""
        return sum(self.entries)

    def withdraw(self, amount):
        if self.balance() < amount:
            raise OverdraftError(amount)
        self.entries.append(-amount)
