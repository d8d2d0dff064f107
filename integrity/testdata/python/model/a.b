beside it
