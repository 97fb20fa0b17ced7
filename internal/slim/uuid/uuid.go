// Package uuid is as much of github.com/gofrs/uuid as GoNB's client calls, which
// names displays by it. The whole links net and crypto into every cell that shows
// something.
package uuid

import (
	"fmt"
	"math/rand/v2"
)

// UUID is a name that no other call is likely to return.
type UUID struct{ hi, lo uint64 }

// NewV7 returns a random name. The error is nil.
func NewV7() (UUID, error) { return UUID{rand.Uint64(), rand.Uint64()}, nil }

// String returns the name in 32 hexadecimal digits.
func (u UUID) String() string { return fmt.Sprintf("%016x%016x", u.hi, u.lo) }
