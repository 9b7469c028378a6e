"""Leaderboard: submissions, their validation and ranking."""
