"""Tables of quizzes."""
