package main

import "errors"

// errInterrupted ends a run that was told to stop: half a report must not look
// like a whole one. The analysis ends by itself when its context does.
var errInterrupted = errors.New("interrupted: no report was written")
