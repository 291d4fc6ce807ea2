"""What others wrote, read: one door for each format, bounded before anything grows."""
