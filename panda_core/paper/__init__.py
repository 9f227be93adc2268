"""What the paper prints: its tables as data, the arithmetic behind them (`audit`), and its claims (`claims`)."""
