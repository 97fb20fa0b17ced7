package lesson

// Must returns v, and panics when err is not nil: for a cell, which has nothing
// better to do when a file of the course is missing.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
