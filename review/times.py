"""Times as people read them."""


def format_clock(seconds: float) -> str:
    """Whole seconds, rounded down as a player shows them: "0:28", "12:05", "1:02:03"."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"
