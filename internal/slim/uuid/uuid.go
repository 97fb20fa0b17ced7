// Package uuid has the part of github.com/gofrs/uuid that GoNB's client calls to
// name displays. Package klog says why it takes the place of the original.
package uuid

import (
	"fmt"
	"math/rand/v2"
)

// UUID is 128 random bits.
type UUID struct{ hi, lo uint64 }

// NewV7 returns a random UUID, without the time that version 7 has. The error
// is nil.
func NewV7() (UUID, error) { return UUID{rand.Uint64(), rand.Uint64()}, nil }

// String returns u in 32 hexadecimal digits.
func (u UUID) String() string { return fmt.Sprintf("%016x%016x", u.hi, u.lo) }
