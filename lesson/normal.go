package lesson

import (
	"math"
	"math/rand/v2"
	"sync"

	"unroll/internal/simd"
)

// A normalSource draws standard normal values: those of [rand.Rand.NormFloat64]
// from the same rng, but with the same bits on every machine. The standard
// library's depend on what a compiler fuses: on arm64, 20 of a million differ in
// the last bit from those on amd64, which
//
//	GOARCH=arm64 go test -exec=qemu-aarch64 -run Normals -v ./lesson
//
// counts. It takes no longer than the standard library's.
//
// The ziggurat of Marsaglia and Tsang (2000), "The Ziggurat Method for
// Generating Random Variables", Journal of Statistical Software 5(8), covers
// the right half of e^(−x²/2) with a tail and 127 strips of the same area.
type normalSource struct {
	inside [128]uint32  // strip i is under the curve as far as |j| < inside[i]
	width  [128]float32 // x = j·width[i]
	height [128]float32 // e^(−x²/2) at the right end of strip i
}

const (
	normalTail  = 3.442619855899 // where the tail begins
	normalStrip = 9.91256303526217e-3
)

// normals returns the source, whose tables are made when first needed.
var normals = sync.OnceValue(func() *normalSource {
	const whole = 1 << 31
	curve := func(x float64) float64 { return simd.Exp(-0.5 * x * x) }
	s := new(normalSource)
	x := float64(normalTail)
	base := normalStrip / curve(x)
	s.inside[0] = uint32(x / base * whole)
	s.width[0], s.width[127] = float32(base/whole), float32(x/whole)
	s.height[0], s.height[127] = 1, float32(curve(x))
	for i := 126; i > 0; i-- {
		right := x
		x = math.Sqrt(-2 * simd.Log(normalStrip/x+curve(x)))
		s.inside[i+1] = uint32(x / right * whole)
		s.width[i], s.height[i] = float32(x/whole), float32(curve(x))
	}
	return s
})

// draw returns one value.
func (s *normalSource) draw(rng *rand.Rand) float64 {
	for {
		u := rng.Uint64()
		j, i := int32(u), u>>32&127
		x := float64(j) * float64(s.width[i])
		size := uint32(j)
		if j < 0 {
			size = -size
		}
		if size < s.inside[i] {
			return x
		}
		if i == 0 {
			for {
				x = float64(-simd.Log(rng.Float64()) * (1 / normalTail))
				if y := -simd.Log(rng.Float64()); y+y >= x*x {
					break
				}
			}
			return math.Copysign(normalTail+x, float64(j))
		}
		// A conversion keeps compilers from fusing, which not every CPU can.
		step := float32(float32(rng.Float64()) * (s.height[i-1] - s.height[i]))
		if s.height[i]+step < float32(simd.Exp(-0.5*x*x)) {
			return x
		}
	}
}
