"""Running a store: backup, restore, doctor, warm-up, demo."""
