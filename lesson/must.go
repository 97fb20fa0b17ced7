package lesson

// Must returns v, and panics when err is not nil: for use in a cell,
// which cannot continue when a file of the course is missing.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
