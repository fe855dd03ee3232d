// Package photo turns pictures from files into what a detector takes.
//
//	img, err := photo.Open("dog.jpg")
//	if err != nil {
//		log.Fatal(err) // holiday.heic is a HEIC picture, as iPhones take them: export it as JPEG …
//	}
//	pixels, m := photo.Prepare(img, 416, 416, photo.Letterbox, photo.Darknet)
//	// pixels goes into a net, whose boxes come back through m:
//	x1, y1, x2, y2 := m.Box(.25, .25, .5, .5)
//
// It reads JPEG, PNG, GIF, WebP, BMP and TIFF files, within limits on their length and their pixels, so that
// a file from anywhere is safe to open.
package photo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Limits of a Decoder that sets none.
const (
	DefaultMaxPixels = 100_000_000
	DefaultMaxBytes  = 200_000_000
	DefaultMaxFrames = 10_000
)

// A Decoder reads pictures within limits. Its zero value has the default ones.
type Decoder struct {
	// MaxPixels is how many pixels a picture may have, or all frames of an animation together. Decoding one takes
	// 2 to 12 bytes a pixel, and up to 28 for the costliest kind, a progressive CMYK JPEG.
	MaxPixels int
	MaxBytes  int64 // of a file
	MaxFrames int   // of an animation
}

// What an Error wraps, so that programs can tell them apart.
var (
	ErrNotPicture  = errors.New("not a picture")
	ErrUnsupported = errors.New("a kind of picture that is not read")
	ErrTooLarge    = errors.New("too large")
	ErrDamaged     = errors.New("damaged or cut short")
)

// An Error says why a file cannot be used as a picture.
type Error struct {
	Name    string // of the file
	Problem string // what the file is, and what to do
	Kind    error  // ErrNotPicture, ErrUnsupported, ErrTooLarge or ErrDamaged
	Cause   error  // what the format's decoder said, or nil
}

func (e *Error) Error() string {
	if e.Name == "" {
		return "the picture " + e.Problem
	}
	return e.Name + " " + e.Problem
}

// Unwrap gives Kind and Cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// Open reads a picture from a file, within the default limits. See Decoder.Decode.
func Open(path string) (image.Image, error) { return Decoder{}.Open(path) }

// Decode reads a picture, within the default limits. See Decoder.Decode.
func Decode(r io.Reader, name string) (image.Image, error) { return Decoder{}.Decode(r, name) }

// Open reads a picture from a file, as Decode does.
func (d Decoder) Open(path string) (image.Image, error) { return open(d, path, d.Decode) }

// open hands a file to decode, unless its length says that this is no use.
func open[T any](d Decoder, path string, decode func(io.Reader, string) (T, error)) (none T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return none, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return none, err
	}
	if info.IsDir() {
		return none, &Error{Name: path, Problem: "is a folder: give a picture in it", Kind: ErrNotPicture}
	}
	if limit := d.withDefaults().MaxBytes; info.Size() > limit {
		return none, tooLong(path, limit)
	}
	return decode(f, path)
}

// Decode reads a picture: a JPEG (grey, colour or CMYK, progressive or not), PNG, GIF (its first frame), WebP, BMP
// or TIFF. The result stands upright, as EXIF says, and is opaque: what was transparent lies on white. It is an
// *image.YCbCr, Gray, RGBA or NRGBA of 8 bits. A JPEG's chroma has been smoothed up to the luma's resolution, as
// libjpeg-turbo does it, so that detectors see what they see elsewhere: Prepare's pixels are at most a few levels off
// OpenCV's, and most are the same.
//
// Errors are of type *Error where the picture is the reason, and name it by name. What is too large is
// refused by its header, before it is decoded.
func (d Decoder) Decode(r io.Reader, name string) (image.Image, error) {
	d = d.withDefaults()
	data, f, err := d.read(r, name)
	if err != nil {
		return nil, err
	}
	return d.decode(data, f, name)
}

func (d Decoder) decode(data []byte, f *format, name string) (img image.Image, err error) {
	orientation := 1
	switch f {
	case &formatGIF:
		var frames []gifFrame
		if frames, err = splitGIF(data, 1); err == nil {
			err = composeGIF(data, frames[:1], func(canvas *image.RGBA) bool { img = canvas; return true })
		}
	case &formatJPEG:
		var scans int
		if orientation, scans = walkJPEG(data); scans > maxScans {
			return nil, &Error{name, fmt.Sprintf("is a JPEG of %d scans, as nobody makes them: save it again as a plain JPEG", scans), ErrTooLarge, nil}
		}
		img, err = f.decode(bytes.NewReader(data))
		if ycbcr, ok := img.(*image.YCbCr); ok {
			img = smoothChroma(ycbcr)
		}
	case &formatTIFF:
		orientation = exifOrientation(data)
		img, err = f.decode(&onceReader{bytes.NewReader(data), 2*int64(len(data)) + 1<<20})
	default:
		img, err = f.decode(bytes.NewReader(data))
	}
	if err != nil {
		return nil, damaged(name, f, err)
	}
	return upright(img, orientation), nil
}

// maxScans bounds the time that a JPEG takes: each scan of a progressive one goes over all of its pixels. Usual
// are 10.
const maxScans = 500

// A onceReader is a file that may be read as often as left says. TIFF's parts may overlap, so that a short file
// would take hours.
type onceReader struct {
	*bytes.Reader
	left int64
}

func (r *onceReader) ReadAt(p []byte, off int64) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, errors.New("its parts overlap")
	}
	return r.Reader.ReadAt(p, off)
}

func (d Decoder) withDefaults() Decoder {
	if d.MaxPixels == 0 {
		d.MaxPixels = DefaultMaxPixels
	}
	if d.MaxBytes == 0 {
		d.MaxBytes = DefaultMaxBytes
	}
	if d.MaxFrames == 0 {
		d.MaxFrames = DefaultMaxFrames
	}
	return d
}

// A format is a kind of picture that is read.
type format struct {
	name   string
	magic  string // at the start; ? is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// dense is how many pixels a byte may hold at most, or 0 where there is no end to it: less than 1 bit for
	// 8 × 8 pixels of a JPEG, or deflate's 1032 bytes of 8 pixels, there cannot be.
	dense int
}

var (
	formatJPEG = format{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, 1024}
	formatPNG  = format{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, 8 * 1032}
	formatGIF  = format{"GIF", "GIF8?a", gif.DecodeConfig, nil, 0}
	formatWebP = format{"WebP", "RIFF????WEBPVP8", webp.DecodeConfig, webp.Decode, 0}
	formatBMP  = format{"BMP", "BM????\x00\x00\x00\x00", bmp.DecodeConfig, bmp.Decode, 8}
	formatTIFF = format{"TIFF", "II*\x00", tiff.DecodeConfig, tiff.Decode, 0}
)

func formatOf(head []byte) *format {
	for _, f := range []*format{&formatJPEG, &formatPNG, &formatGIF, &formatWebP, &formatBMP, &formatTIFF} {
		if matches(head, f.magic) {
			return f
		}
	}
	if matches(head, "MM\x00*") {
		return &formatTIFF
	}
	return nil
}

func matches(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i := range magic {
		if magic[i] != '?' && magic[i] != head[i] {
			return false
		}
	}
	return true
}

// read reads a whole file of a format that is known and of a size that is allowed.
func (d Decoder) read(r io.Reader, name string) ([]byte, *format, error) {
	br := bufio.NewReaderSize(r, 4096)
	head, err := br.Peek(512)
	if err != nil && err != io.EOF {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	f := formatOf(head)
	if f == nil {
		kind, what := unknown(head)
		return nil, nil, &Error{name, what, kind, nil}
	}
	data, err := io.ReadAll(io.LimitReader(br, d.MaxBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > d.MaxBytes {
		return nil, nil, tooLong(name, d.MaxBytes)
	}
	if f == &formatWebP && matches(head, "RIFF????WEBPVP8X") && len(head) > 20 && head[20]&2 != 0 {
		return nil, nil, &Error{name, "is an animated WebP, which is not read: save one of its pictures as PNG, or all as GIF", ErrUnsupported, nil}
	}
	config, err := f.config(bytes.NewReader(data))
	if err == nil && (config.Width < 1 || config.Height < 1) {
		err = errors.New("it has no pixels")
	}
	if err != nil {
		return nil, nil, damaged(name, f, err)
	}
	if config.Width > d.MaxPixels/config.Height {
		return nil, nil, &Error{name, fmt.Sprintf("has %d × %d pixels, more than the %d that are read: save it smaller first",
			config.Width, config.Height, d.MaxPixels), ErrTooLarge, nil}
	}
	if f.dense > 0 && config.Width*config.Height/f.dense > len(data) {
		return nil, nil, damaged(name, f, fmt.Errorf("%d bytes for %d × %d pixels: %w", len(data), config.Width, config.Height, io.ErrUnexpectedEOF))
	}
	return data, f, nil
}

func tooLong(name string, limit int64) error {
	return &Error{name, fmt.Sprintf("is longer than the %d bytes that are read: save it smaller first", limit), ErrTooLarge, nil}
}

// damaged says what a format's decoder found wrong.
func damaged(name string, f *format, err error) error {
	e := &Error{Name: name, Kind: ErrDamaged, Cause: err}
	text := err.Error()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), strings.HasSuffix(text, "EOF"), strings.Contains(text, "not enough"):
		e.Problem = fmt.Sprintf("is a %s that is cut short: copy or download it again", f.name)
	case strings.Contains(text, "unsupported"): // the word of all of them, in one type each
		e.Problem = fmt.Sprintf("is a %s of a kind that is not read (%v): save it as a plain JPEG or PNG", f.name, err)
		e.Kind = ErrUnsupported
	default:
		e.Problem = fmt.Sprintf("is a damaged %s (%v): copy or download it again", f.name, err)
	}
	return e
}

// unknown says what a file is that is none of the formats, by how it begins.
func unknown(head []byte) (kind error, problem string) {
	if len(head) == 0 {
		return ErrDamaged, "is empty: copy or download it again"
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch brand := string(head[8:12]); brand {
		case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1":
			return ErrUnsupported, "is a HEIC picture, as iPhones take them: export it as JPEG (or set Camera, Formats to Most Compatible)"
		case "avif", "avis":
			return ErrUnsupported, "is an AVIF picture, which is not read: save it as JPEG or PNG"
		case "crx ":
			return ErrUnsupported, "is a camera's raw picture: export it as JPEG"
		default:
			return ErrNotPicture, "is a video, not a picture: save one of its pictures as JPEG"
		}
	}
	for _, known := range []struct {
		magic string
		kind  error
		is    string
	}{
		{"%PDF", ErrNotPicture, "is a PDF document, not a picture: export the page as JPEG or PNG"},
		{"PK\x03\x04", ErrNotPicture, "is a ZIP archive (or an office document), not a picture: unpack it first"},
		{"\x1f\x8b", ErrNotPicture, "is a gzip archive, not a picture: unpack it first"},
		{"\x1aE\xdf\xa3", ErrNotPicture, "is a video, not a picture: save one of its pictures as JPEG"},
		{"RIFF????AVI ", ErrNotPicture, "is a video, not a picture: save one of its pictures as JPEG"},
		{"8BPS", ErrUnsupported, "is a Photoshop file: export it as JPEG or PNG"},
		{"\xff\x0a", ErrUnsupported, "is a JPEG XL picture, which is not read: save it as JPEG or PNG"},
		{"\x00\x00\x00\x0cJXL ", ErrUnsupported, "is a JPEG XL picture, which is not read: save it as JPEG or PNG"},
		{"\x00\x00\x00\x0cjP  ", ErrUnsupported, "is a JPEG 2000 picture, which is not read: save it as JPEG or PNG"},
		{"\x00\x00\x01\x00", ErrUnsupported, "is an icon, which is not read: save it as PNG"},
		{"version https://git-lfs", ErrNotPicture, "is a Git LFS pointer to a picture: git lfs pull gets the picture"},
	} {
		if matches(head, known.magic) {
			return known.kind, known.is
		}
	}
	text := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n"))
	switch {
	case strings.HasPrefix(text, "<svg"), strings.HasPrefix(text, "<?xml") && strings.Contains(text, "<svg"):
		return ErrUnsupported, "is an SVG drawing, which is not read: export it as PNG"
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"), strings.HasPrefix(text, "<head"), strings.HasPrefix(text, "<!--"):
		return ErrNotPicture, "is an HTML page, not a picture: the download gave a page about it; download the picture itself"
	}
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f' {
			return ErrNotPicture, "is no picture that is known here: give a JPEG, PNG, GIF, WebP, BMP or TIFF file"
		}
	}
	return ErrNotPicture, "is text, not a picture: give a JPEG, PNG, GIF, WebP, BMP or TIFF file"
}
