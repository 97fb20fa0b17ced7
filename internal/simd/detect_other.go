//go:build (!amd64 && !simd128) || noasm

package simd

func detect() []Path { return []Path{Go} }
