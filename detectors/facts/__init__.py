"""What policy may ask besides numbers: what a mail announces and to whom, what its files are."""
