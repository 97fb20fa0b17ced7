package plots

import (
	"cmp"
	"slices"
)

// spread returns the middles of boxes along a line such that none overlaps another
// and none leaves [lo, hi]. The sum of the squares of their distances from want is
// least. Boxes that do not fit are stacked around the middle of the line.
//
// After the heights of the boxes below are subtracted, the middles only have to be
// in order. That is isotonic regression, solved by pooling adjacent violators.
func spread(want, height []float64, lo, hi float64) []float64 {
	n := len(want)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(want[a], want[b]), b-a) // of equals the first is on top
	})

	offset := make([]float64, n) // from the middle of the lowest box to this one, if all touch
	for k := 1; k < n; k++ {
		offset[k] = offset[k-1] + (height[order[k-1]]+height[order[k]])/2
	}
	type pool struct {
		sum float64
		n   int
	}
	mean := func(p pool) float64 { return p.sum / float64(p.n) }
	var pools []pool
	for k, i := range order {
		pools = append(pools, pool{want[i] - offset[k], 1})
		for len(pools) > 1 && mean(pools[len(pools)-2]) > mean(pools[len(pools)-1]) {
			last := pools[len(pools)-1]
			pools = pools[:len(pools)-1]
			pools[len(pools)-1].sum += last.sum
			pools[len(pools)-1].n += last.n
		}
	}
	at := make([]float64, n)
	if n == 0 {
		return at
	}
	lowest := lo + height[order[0]]/2
	highest := hi - height[order[n-1]]/2 - offset[n-1]
	if highest < lowest {
		lowest = (lowest + highest) / 2
		highest = lowest
	}
	k := 0
	for _, p := range pools {
		for range p.n {
			at[order[k]] = min(max(mean(p), lowest), highest) + offset[k]
			k++
		}
	}
	return at
}
