package dataset

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gopherlens/mlkit/internal/fault"
)

// Anchors finds k widths and heights that are typical of objects, from the smallest area to the largest, as the
// anchors of a .cfg file are. sizes are the objects' widths and heights in pixels of the net's input; those that are
// not positive, or a billion pixels or more, are left out. It is k-means where the distance of two sizes is 1 − IoU of two boxes with the
// same middle (J. Redmon, A. Farhadi, "YOLO9000: Better, Faster, Stronger", 2017), begun as k-means++ does.
//
// The same sizes and seed give the same anchors. Where there are less than k different sizes, some anchors are alike.
// Anchors panics if k is less than 1, or if no size is left.
func Anchors(sizes [][2]float64, k int, seed int64) [][2]float64 {
	if k < 1 {
		fault.Panicf("dataset.Anchors is to find %d anchors: a detector needs at least 1", k)
	}
	sizes = slices.DeleteFunc(slices.Clone(sizes), func(size [2]float64) bool {
		const least, most = 1e-9, 1e9
		return !(min(size[0], size[1]) >= least && max(size[0], size[1]) < most) // true for what is no number
	})
	if len(sizes) == 0 {
		fault.Panicf("dataset.Anchors has no object with a width and a height to find anchors from")
	}

	// The first anchors are objects far from one another.
	rng := rand.New(rand.NewPCG(uint64(seed), 0))
	anchors := [][2]float64{sizes[rng.IntN(len(sizes))]}
	nearest := make([]float64, len(sizes)) // squared distance
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for len(anchors) < k {
		total := 0.
		for i, size := range sizes {
			d := distance(size, anchors[len(anchors)-1])
			nearest[i] = min(nearest[i], d*d)
			total += nearest[i]
		}
		at, chosen := total*rng.Float64(), 0
		for i, d := range nearest {
			if d > 0 {
				chosen = i
				if at -= d; at < 0 {
					break
				}
			}
		}
		anchors = append(anchors, sizes[chosen])
	}

	belongs := make([]int, len(sizes))
	const most = 300 // rounds: with this distance they need not end by themselves
	for round := range most {
		changed := round == 0
		sums, counts := make([][2]float64, k), make([]float64, k)
		for i, size := range sizes {
			best, least := 0, math.Inf(1)
			for j, anchor := range anchors {
				if d := distance(size, anchor); d < least {
					best, least = j, d
				}
			}
			changed = changed || belongs[i] != best
			belongs[i] = best
			counts[best]++
			sums[best][0] += size[0]
			sums[best][1] += size[1]
		}
		if !changed {
			break
		}
		for j, n := range counts {
			if n > 0 {
				anchors[j] = [2]float64{sums[j][0] / n, sums[j][1] / n}
			}
		}
	}
	slices.SortFunc(anchors, func(a, b [2]float64) int {
		return cmp.Or(cmp.Compare(a[0]*a[1], b[0]*b[1]), cmp.Compare(a[0], b[0]))
	})
	return anchors
}

// MeanIoU says how well anchors fit objects: the mean, from 0 to 1, of each size's IoU with the anchor that is nearest
// to it. It is NaN if there is no size or no anchor.
func MeanIoU(sizes, anchors [][2]float64) float64 {
	sum := 0.
	for _, size := range sizes {
		nearest := math.NaN()
		for i, anchor := range anchors {
			if iou := 1 - distance(size, anchor); i == 0 || iou > nearest {
				nearest = iou
			}
		}
		sum += nearest
	}
	return sum / float64(len(sizes))
}

// distance is 1 − IoU of two boxes with the same middle.
func distance(a, b [2]float64) float64 {
	shared := min(a[0], b[0]) * min(a[1], b[1])
	return 1 - shared/(a[0]*a[1]+b[0]*b[1]-shared)
}
