package simd

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns n elements followed, or with atStart preceded, by a page
// without access: a read or write out of bounds is a fault.
func guarded(tb testing.TB, n int, atStart bool) []float64 {
	page := syscall.Getpagesize()
	size := (n*8 + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { syscall.Munmap(mem) })
	for _, guard := range [][]byte{mem[:page], mem[page+size:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			tb.Fatal(err)
		}
	}
	if n == 0 {
		return nil
	}
	begin := page
	if !atStart {
		begin += size - n*8
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(&mem[begin])), n)
}
