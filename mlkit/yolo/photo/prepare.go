package photo

import (
	"fmt"
	"image"
	"math"
	"sync"

	"gopherlens/mlkit/internal/parallel"
)

// A Fit says how a photo of one shape gets into a net of another.
type Fit int

const (
	// Letterbox keeps the photo's proportions, and pads what is left over on both sides with grey, 0.5: what
	// pjreddie's Darknet does.
	Letterbox Fit = iota
	// Stretch fills the whole net: what AlexeyAB's Darknet, OpenCV's blobFromImage and yolov3-tf2 do.
	Stretch
)

// A Resampling says how pixels are made from the photo's. All are bilinear and none blurs before it shrinks, so
// they look alike; but scores differ by up to 0.24 between them, so a net wants the one it is compared with.
type Resampling int

const (
	// Darknet is Darknet's resize_image (src/image.c), in float32: the first and the last pixel of a row are the
	// photo's first and last. Where its rounding puts the last row a hair above the photo's last one, Darknet
	// makes it almost black, and so does this.
	Darknet Resampling = iota
	// HalfPixel is OpenCV's cv2.resize with INTER_LINEAR on bytes, to the bit: pixels have their centres half a
	// pixel in, weights are multiples of 1/2048, and half the size is the mean of 2 × 2. The bytes are then
	// scaled as blobFromImage scales them, by the float32 nearest to 1/255.
	HalfPixel
	// TF is tf.image.resize with its defaults (half-pixel centres, no antialiasing) on 0 to 255 in float32, and
	// then a division by 255, as in yolov3-tf2.
	TF
)

// A Mapping leads from a net's input back to the photo.
type Mapping struct {
	PhotoWidth, PhotoHeight int             // in pixels
	NetWidth, NetHeight     int             // in pixels of the net's input
	Inner                   image.Rectangle // where the photo lies in the net's input; around it there is padding
}

// Box turns corners of a box, from 0 to 1 of the net's input, into pixels of the photo, counted from its upper left
// corner. They are not clipped: a box may reach beyond the photo. (Where the padding is an odd number of pixels,
// Darknet's own boxes are half a pixel of the net's input off.)
func (m Mapping) Box(x1, y1, x2, y2 float64) (px1, py1, px2, py2 float64) {
	x := func(x float64) float64 {
		return (x*float64(m.NetWidth) - float64(m.Inner.Min.X)) * float64(m.PhotoWidth) / float64(m.Inner.Dx())
	}
	y := func(y float64) float64 {
		return (y*float64(m.NetHeight) - float64(m.Inner.Min.Y)) * float64(m.PhotoHeight) / float64(m.Inner.Dy())
	}
	return x(x1), y(y1), x(x2), y(y2)
}

// Map says where a photo of so many pixels comes to lie in a net's input. It panics if a size is not positive.
func Map(photoWidth, photoHeight, width, height int, fit Fit) Mapping {
	if photoWidth < 1 || photoHeight < 1 {
		panic(fmt.Sprintf("photo: the photo has %d × %d pixels: there is nothing to see", photoWidth, photoHeight))
	}
	if width < 1 || height < 1 {
		panic(fmt.Sprintf("photo: a net's input of %d × %d pixels: width and height must be positive", width, height))
	}
	m := Mapping{photoWidth, photoHeight, width, height, image.Rect(0, 0, width, height)}
	switch fit {
	case Stretch:
	case Letterbox:
		w, h := width, height
		if float32(width)/float32(photoWidth) < float32(height)/float32(photoHeight) {
			h = max(1, photoHeight*width/photoWidth)
		} else {
			w = max(1, photoWidth*height/photoHeight)
		}
		m.Inner = image.Rect(0, 0, w, h).Add(image.Pt((width-w)/2, (height-h)/2))
	default:
		panic(fmt.Sprintf("photo: there is no Fit(%d): give Letterbox or Stretch", fit))
	}
	return m
}

// Prepare makes a net's input from a photo: pixels of shape [height, width, 3], red, green and blue from 0 to 1,
// and the way back from there. What is transparent lies on white. Read JPEGs with Open or Decode: the picture that
// jpeg.Decode gives has its chroma in steps, for which scores differ by up to 0.03.
func Prepare(img image.Image, width, height int, fit Fit, r Resampling) (pixels []float32, m Mapping) {
	pixels = make([]float32, 3*max(0, width)*max(0, height))
	return pixels, Into(pixels, img, width, height, fit, r)
}

// Into is Prepare into memory that is there already, as for one photo of a batch. It panics if dst has not
// height·width·3 numbers. If img is an *image.YCbCr, RGBA, NRGBA or Gray, as Open's are, it allocates no memory but
// a few bytes for each core.
func Into(dst []float32, img image.Image, width, height int, fit Fit, r Resampling) Mapping {
	bounds := img.Bounds()
	m := Map(bounds.Dx(), bounds.Dy(), width, height, fit)
	if len(dst) != 3*width*height {
		panic(fmt.Sprintf("photo: room for %d numbers: an input of %d × %d pixels needs %d", len(dst), width, height, 3*width*height))
	}
	if r < Darknet || r > TF {
		panic(fmt.Sprintf("photo: there is no Resampling(%d): give Darknet, HalfPixel or TF", r))
	}
	if m.Inner.Dx() < width || m.Inner.Dy() < height {
		for i := range dst {
			dst[i] = .5
		}
	}
	source := rowsOf(img)
	parallel.Do(m.Inner.Dy(), func(first, end int) {
		s := resizers.Get().(*resizer)
		s.resize(dst, &source, m, r, first, end)
		resizers.Put(s)
	})
	return m
}

var resizers = sync.Pool{New: func() any { return new(resizer) }}

// A tap makes one number from two: low and high are where, and the others are their weights. TF's weight of high
// is all it needs; HalfPixel's are whole numbers.
type tap struct {
	low, high   int
	wLow, wHigh float32
}

// A resizer is the memory that a resize takes.
type resizer struct {
	across, down []tap     // of each column and each row of the result; low and high in across are places in pixels
	columns      []int     // of the photo, those that taps need, in order
	pixels       []byte    // of one row of the photo, those in columns: red, green, blue
	rows         []float32 // two rows of the photo, resized across: even ones first
	have         [2]int    // which rows these are
}

// resize makes the rows from first to end−1 of where the photo lies.
func (s *resizer) resize(dst []float32, source *rows, m Mapping, r Resampling, first, end int) {
	w, h := m.Inner.Dx(), m.Inner.Dy()
	halved := r == HalfPixel && m.PhotoWidth == 2*w && m.PhotoHeight == 2*h
	s.across = taps(s.across, m.PhotoWidth, w, r, halved)
	s.down = taps(s.down, m.PhotoHeight, h, r, halved)
	for i := range s.down { // beyond the edges there is what is on them
		t := &s.down[i]
		t.low, t.high = max(t.low, 0), min(t.high, m.PhotoHeight-1)
		if r == Darknet && i == h-1 {
			t.wHigh = 0
		}
	}
	s.columns = s.columns[:0]
	for i := range s.across {
		t := &s.across[i]
		if t.low < 0 || t.high >= m.PhotoWidth || r == Darknet && i == w-1 {
			// Both are the pixel on the edge. Only TF would give it any other weight than 1.
			edge := 0
			if t.low >= 0 {
				edge = m.PhotoWidth - 1
			}
			t.low, t.high, t.wHigh = edge, edge, 0
			t.wLow = 1
			if r == HalfPixel {
				t.wLow = 2048
			}
		}
		t.low = s.column(t.low)
		t.high = s.column(t.high)
	}
	s.pixels = resized(s.pixels, 3*len(s.columns))
	s.rows = resized(s.rows, 6*w)
	s.have = [2]int{-1, -1}
	for y, t := range s.down[first:end] {
		low, high := s.row(source, t.low, r), s.row(source, t.high, r)
		out := dst[3*((m.Inner.Min.Y+first+y)*m.NetWidth+m.Inner.Min.X):][:3*w]
		switch {
		case halved:
			for i := range out {
				out[i] = bytesTimes[byte((int32(low[i])+int32(high[i])+2)>>2)]
			}
		case r == HalfPixel:
			// OpenCV's VResizeLinear on bytes.
			wLow, wHigh := int32(t.wLow), int32(t.wHigh)
			for i := range out {
				v := (wLow*(int32(low[i])>>4)>>16 + wHigh*(int32(high[i])>>4)>>16 + 2) >> 2
				out[i] = bytesTimes[byte(v)]
			}
		case r == Darknet:
			for i := range out { // the conversions keep the compiler from fusing, which rounds otherwise
				out[i] = float32(t.wLow*low[i]) + float32(t.wHigh*high[i])
			}
		case r == TF:
			for i := range out {
				out[i] = (low[i] + float32((high[i]-low[i])*t.wHigh)) / 255
			}
		}
	}
}

// column notes that a column of the photo is needed, and says where in pixels it will be. Columns come in order,
// but for those of the tap before.
func (s *resizer) column(x int) int {
	n := len(s.columns)
	for back := 1; back <= 2 && back <= n; back++ {
		if s.columns[n-back] == x {
			return 3 * (n - back)
		}
	}
	s.columns = append(s.columns, x)
	return 3 * n
}

// row is a row of the photo, resized across. It holds until the row after next is asked for.
func (s *resizer) row(source *rows, y int, r Resampling) []float32 {
	n := 3 * len(s.across)
	out := s.rows[y%2*n:][:n]
	if s.have[y%2] == y {
		return out
	}
	s.have[y%2] = y
	source.read(s.pixels, y, s.columns)
	for i, t := range s.across {
		low, high, to := s.pixels[t.low:][:3], s.pixels[t.high:][:3], out[3*i:][:3]
		switch r {
		case Darknet:
			to[0] = float32(t.wLow*bytesOver[low[0]]) + float32(t.wHigh*bytesOver[high[0]])
			to[1] = float32(t.wLow*bytesOver[low[1]]) + float32(t.wHigh*bytesOver[high[1]])
			to[2] = float32(t.wLow*bytesOver[low[2]]) + float32(t.wHigh*bytesOver[high[2]])
		case HalfPixel: // whole numbers below 2²⁴, so float32 is exact
			to[0] = t.wLow*float32(low[0]) + t.wHigh*float32(high[0])
			to[1] = t.wLow*float32(low[1]) + t.wHigh*float32(high[1])
			to[2] = t.wLow*float32(low[2]) + t.wHigh*float32(high[2])
		case TF:
			a, b, c := float32(low[0]), float32(low[1]), float32(low[2])
			to[0] = a + float32((float32(high[0])-a)*t.wHigh)
			to[1] = b + float32((float32(high[1])-b)*t.wHigh)
			to[2] = c + float32((float32(high[2])-c)*t.wHigh)
		}
	}
	return out
}

// taps are those that resize one direction from in pixels to out. Where they reach beyond the edges they say so.
func taps(to []tap, in, out int, r Resampling, halved bool) []tap {
	to = resized(to, out)
	for i := range to {
		t := &to[i]
		switch {
		case halved: // OpenCV takes INTER_AREA then
			*t = tap{2 * i, 2*i + 1, 1, 1}
		case r == Darknet:
			at := float32(0)
			if out > 1 {
				at = float32(float32(i) * (float32(in-1) / float32(out-1)))
			}
			t.low = min(int(at), in-1)
			t.high = min(t.low+1, in-1)
			t.wHigh = at - float32(t.low)
			t.wLow = 1 - t.wHigh
		case r == HalfPixel:
			at := float32(float64((float64(i)+.5)*(1/(float64(out)/float64(in)))) - .5)
			floor := float32(math.Floor(float64(at)))
			t.low = int(floor)
			t.high = t.low + 1
			t.wHigh = float32(math.RoundToEven(float64((at - floor) * 2048)))
			t.wLow = float32(math.RoundToEven(float64((1 - (at - floor)) * 2048)))
		case r == TF:
			at := float32((float32(i)+.5)*(float32(in)/float32(out))) - .5
			floor := float32(math.Floor(float64(at)))
			t.low = int(floor)
			t.high = int(math.Ceil(float64(at)))
			t.wHigh = at - floor
		}
	}
	return to
}

// resized is a slice of n elements, in s's memory if there is room.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Bytes from 0 to 1: divided by 255 as Darknet does, and multiplied by 1/255 as OpenCV's blobFromImage does.
var bytesOver, bytesTimes = func() (over, times [256]float32) {
	for i := range over {
		over[i] = float32(i) / 255
		times[i] = float32(i) * float32(1./255)
	}
	return over, times
}()
