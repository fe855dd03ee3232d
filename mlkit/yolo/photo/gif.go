package photo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"io"
	"iter"
	"time"
)

// An Animation is a GIF, or any other picture as its only frame.
type Animation struct {
	Width, Height int
	Len           int // how many frames there are
	LoopCount     int // as image/gif has it: −1 to be shown once, 0 for ever, n for n + 1 times

	name  string
	still image.Image // or else
	data  []byte
	parts []gifFrame
}

// A Frame is one picture of an animation.
type Frame struct {
	Image image.Image   // whole, as it is seen
	Delay time.Duration // until the next one, as the file says; most programs take 0.1 s for less than 0.02 s
}

// OpenAnimation reads an animation from a file, within the default limits. See Decoder.DecodeAnimation.
func OpenAnimation(path string) (*Animation, error) {
	return open(Decoder{}, path, Decoder{}.DecodeAnimation)
}

// DecodeAnimation reads a GIF, or any other picture as Decode does. How many frames and pixels there are is known
// from a look at its parts; they are decoded by Frames. Errors are as Decode's.
func (d Decoder) DecodeAnimation(r io.Reader, name string) (*Animation, error) {
	d = d.withDefaults()
	data, f, err := d.read(r, name)
	if err != nil {
		return nil, err
	}
	if f != &formatGIF {
		img, err := d.decode(data, f, name)
		if err != nil {
			return nil, err
		}
		size := img.Bounds().Size()
		return &Animation{Width: size.X, Height: size.Y, Len: 1, LoopCount: -1, still: img}, nil
	}
	parts, err := splitGIF(data, d.MaxFrames+1)
	if err != nil {
		return nil, damaged(name, f, err)
	}
	if len(parts) > d.MaxFrames {
		return nil, &Error{name, fmt.Sprintf("has more than the %d frames that are read: save fewer of them", d.MaxFrames), ErrTooLarge, nil}
	}
	w, h := screenOf(data)
	if len(parts) > d.MaxPixels/w/h {
		return nil, &Error{name, fmt.Sprintf("has %d frames of %d × %d pixels, together more than the %d pixels that are read: save fewer or smaller ones",
			len(parts), w, h, d.MaxPixels), ErrTooLarge, nil}
	}
	a := &Animation{Width: w, Height: h, Len: len(parts), LoopCount: -1, name: name, data: data, parts: parts}
	// The extension is Netscape's: a sub-block of three bytes, 1 and the number.
	if _, loop, ok := bytes.Cut(data, []byte("\x21\xff\x0bNETSCAPE2.0\x03\x01")); ok && len(loop) >= 2 {
		a.LoopCount = int(binary.LittleEndian.Uint16(loop))
	}
	return a, nil
}

// Frames are the frames, each composed with those before as its disposal says. What is transparent lies on white. A
// frame's memory is used again for the next one.
func (a *Animation) Frames() iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		if a.still != nil {
			yield(Frame{Image: a.still}, nil)
			return
		}
		i := 0
		err := composeGIF(a.data, a.parts, func(canvas *image.RGBA) bool {
			i++
			return yield(Frame{canvas, a.parts[i-1].delay}, nil)
		})
		if err != nil {
			yield(Frame{}, damaged(a.name, &formatGIF, err))
		}
	}
}

// A gifFrame is where one frame stands in a GIF's bytes.
type gifFrame struct {
	control  []byte // its graphic control extension, if any
	block    []byte // image descriptor, colours and pixels
	delay    time.Duration
	disposal byte
}

const restoreBackground, restorePrevious = 2, 3

func screenOf(data []byte) (w, h int) {
	return int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:]))
}

// colours is the length of a colour table, by the flags before it.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (1 + flags&7)
}

// splitGIF finds the first frames of a GIF (GIF89a specification, appendix B), at most most of them: one at least, or
// an error. It decodes nothing, so that what an animation takes is known before.
func splitGIF(data []byte, most int) (frames []gifFrame, err error) {
	rest := data[min(len(data), 13+colours(data[10])):]
	var next gifFrame
	for len(frames) < most {
		if len(rest) == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		start, at := rest, 0
		switch rest[0] {
		case 0x21: // an extension
			at = 2
		case 0x2c: // an image
			if len(rest) < 10 {
				return nil, io.ErrUnexpectedEOF
			}
			at = 10 + colours(rest[9]) + 1
		case 0x3b: // the end
			if len(frames) == 0 {
				return nil, fmt.Errorf("it has no frame")
			}
			return frames, nil
		default:
			return nil, fmt.Errorf("unknown block 0x%02x", rest[0])
		}
		for { // blocks of up to 255 bytes, until an empty one
			if at >= len(rest) {
				return nil, io.ErrUnexpectedEOF
			}
			n := int(rest[at])
			at += 1 + n
			if n == 0 {
				break
			}
		}
		block := start[:at]
		rest = rest[at:]
		switch {
		case block[0] == 0x2c:
			next.block = block
			frames = append(frames, next)
			next = gifFrame{}
		case len(block) == 8 && block[1] == 0xf9 && block[2] == 4: // graphic control
			next = gifFrame{control: block, disposal: block[3] >> 2 & 7}
			next.delay = time.Duration(binary.LittleEndian.Uint16(block[4:])) * 10 * time.Millisecond
		}
	}
	return frames, nil
}

// composeGIF shows the canvas after each frame, which holds until the next one, until show wants no more. Each frame is decoded as a
// GIF of its own, so that no more than one is in memory.
func composeGIF(data []byte, frames []gifFrame, show func(canvas *image.RGBA) bool) error {
	w, h := screenOf(data)
	canvas := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	var before []byte
	for i, frame := range frames {
		header := data[:13+colours(data[10])]
		img, err := gif.Decode(io.MultiReader(bytes.NewReader(header), bytes.NewReader(frame.control), bytes.NewReader(frame.block)))
		if err != nil {
			return fmt.Errorf("frame %d: %w", i+1, err)
		}
		if frame.disposal == restorePrevious {
			before = append(before[:0], canvas.Pix...)
		}
		draw.Draw(canvas, img.Bounds(), img, img.Bounds().Min, draw.Over)
		if !show(canvas) {
			return nil
		}
		switch frame.disposal {
		case restoreBackground: // which browsers take for transparent
			draw.Draw(canvas, img.Bounds(), image.White, image.Point{}, draw.Src)
		case restorePrevious:
			copy(canvas.Pix, before)
		}
	}
	return nil
}
