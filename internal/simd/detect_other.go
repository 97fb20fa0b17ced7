//go:build !amd64 || noasm

package simd

func detect() []Path { return []Path{Go} }
