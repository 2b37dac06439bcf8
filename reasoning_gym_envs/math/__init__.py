"""Mathematics: questions with one answer, decided exactly."""
