package photo

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// made are files of kinds that Go's libraries cannot write: 16 × 8 pixels, left half (200, 40, 60), right half
// (20, 160, 220), which is transparent in the one with alpha. Pillow wrote them.
var made = map[string]string{
	"progressive JPEG": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAIABADAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABYBAQEBAAAAAAAAAAAAAAAAAAcFCP/aAAwDAQACEAMQAAABGSGhev4z/8QAFBABAAAAAAAAAAAAAAAAAAAAEP/aAAgBAQABBQI//8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAwEBPwE//8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAgEBPwE//8QAFBABAAAAAAAAAAAAAAAAAAAAEP/aAAgBAQAGPwI//8QAFBABAAAAAAAAAAAAAAAAAAAAEP/aAAgBAQABPyE//9oADAMBAAIAAwAAABDD/8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAwEBPxA//8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAgEBPxA//8QAFBABAAAAAAAAAAAAAAAAAAAAEP/aAAgBAQABPxA//9k=",
	"CMYK JPEG":        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD7Ar4Ur5Kr9U6/B+v1Ar9qqK//2Q==",
	"lossy WebP":       "UklGRkIAAABXRUJQVlA4IDYAAAAQAgCdASoQAAgAAMASJaACdLoB+AH6gAPIAP7wCT//UJ4/8WcXiXz/iQv/2eUKgZr/+xHgAAA=",
	"lossless WebP":    "UklGRigAAABXRUJQVlA4TBwAAAAvD8ABAA9wRNBT0B6Me/6jBWLBZP7SnSlE9D9y",
	"WebP with alpha":  "UklGRm4AAABXRUJQVlA4WAoAAAAQAAAADwAABwAAQUxQSBIAAAABDzD/ERFCLJjMX7ozhYj+Rw5WUDggNgAAABACAJ0BKhAACAAAwBIloAJ0ugH4AfqAA8gA/vAJP/9Qnj/xZxeJfP+JC//Z5QqBmv/7EeAAAA==",
}

var left, right = color.RGBA{200, 40, 60, 255}, color.RGBA{20, 160, 220, 255}

// halves is the same picture as in made.
func halves() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 16, 8))
	for i := range 16 * 8 {
		img.SetRGBA(i%16, i/16, []color.RGBA{left, right}[i%16/8])
	}
	return img
}

// written gives a file that an encoder writes.
func written[I any](t testing.TB, encode func(w *bytes.Buffer, img I) error, img I) []byte {
	var file bytes.Buffer
	if err := encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func encodePNG(w *bytes.Buffer, img image.Image) error { return png.Encode(w, img) }
func encodeBMP(w *bytes.Buffer, img image.Image) error { return bmp.Encode(w, img) }
func encodeJPEG(w *bytes.Buffer, img image.Image) error {
	return jpeg.Encode(w, img, &jpeg.Options{Quality: 100})
}
func encodeTIFF(w *bytes.Buffer, img image.Image) error {
	return tiff.Encode(w, img, &tiff.Options{Compression: tiff.Deflate})
}
func encodeGIF(w *bytes.Buffer, img *gif.GIF) error { return gif.EncodeAll(w, img) }

// redrawn copies a picture into another kind of image.
func redrawn(to draw.Image, from image.Image) image.Image {
	draw.Draw(to, to.Bounds(), from, image.Point{}, draw.Src)
	return to
}

// files are one of every kind, all with the same picture.
func files(t testing.TB) map[string][]byte {
	b := image.Rect(0, 0, 16, 8)
	palette := color.Palette{color.Black, left, right, color.Transparent}
	all := map[string][]byte{
		"JPEG":         written(t, encodeJPEG, image.Image(halves())),
		"PNG":          written(t, encodePNG, image.Image(halves())),
		"16-bit PNG":   written(t, encodePNG, redrawn(image.NewNRGBA64(b), halves())),
		"palette PNG":  written(t, encodePNG, redrawn(image.NewPaletted(b, palette), halves())),
		"BMP":          written(t, encodeBMP, image.Image(halves())),
		"palette BMP":  written(t, encodeBMP, redrawn(image.NewPaletted(b, palette), halves())),
		"TIFF":         written(t, encodeTIFF, image.Image(halves())),
		"16-bit TIFF":  written(t, encodeTIFF, redrawn(image.NewRGBA64(b), halves())),
		"palette TIFF": written(t, encodeTIFF, redrawn(image.NewPaletted(b, palette), halves())),
		"GIF":          written(t, encodeGIF, &gif.GIF{Image: []*image.Paletted{redrawn(image.NewPaletted(b, palette), halves()).(*image.Paletted)}, Delay: []int{0}}),
	}
	for name, text := range made {
		file, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = file
	}
	return all
}

// near says whether the colour at a point is what it should be, give or take a JPEG's losses.
func near(img image.Image, x, y int, want color.RGBA) bool {
	r, g, b, a := img.At(x, y).RGBA()
	off := func(a uint32, b byte) int { return max(int(a>>8)-int(b), int(b)-int(a>>8)) }
	return off(r, want.R) < 20 && off(g, want.G) < 20 && off(b, want.B) < 20 && a == 0xffff
}

func TestFormats(t *testing.T) {
	for name, file := range files(t) {
		img, err := Decode(iotest.OneByteReader(bytes.NewReader(file)), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		switch img.(type) {
		case *image.YCbCr, *image.RGBA, *image.NRGBA, *image.Gray:
		default:
			t.Errorf("%s: a %T", name, img)
		}
		other := right
		if name == "WebP with alpha" {
			other = color.RGBA{255, 255, 255, 255}
		}
		if img.Bounds() != image.Rect(0, 0, 16, 8) || !near(img, 2, 3, left) || !near(img, 13, 5, other) {
			t.Errorf("%s: bounds %v, colours %v, %v", name, img.Bounds(), img.At(2, 3), img.At(13, 5))
		}
	}
	gray := image.NewGray(image.Rect(0, 0, 9, 9))
	gray16 := image.NewGray16(gray.Rect)
	gray.SetGray(4, 4, color.Gray{200})
	gray16.SetGray16(4, 4, color.Gray16{200 << 8})
	for name, file := range map[string][]byte{
		"JPEG": written(t, encodeJPEG, image.Image(gray)), "PNG": written(t, encodePNG, image.Image(gray)),
		"16-bit PNG": written(t, encodePNG, image.Image(gray16)), "16-bit TIFF": written(t, encodeTIFF, image.Image(gray16)),
	} {
		if img, err := Decode(bytes.NewReader(file), name); err != nil || !near(img, 4, 4, color.RGBA{200, 200, 200, 255}) {
			t.Errorf("grey %s: %v", name, err)
		}
	}
	// Half transparent red lies on white, whatever the depth.
	clear := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	clear.Set(0, 0, color.NRGBA{200, 0, 0, 128})
	for _, img := range []image.Image{clear, redrawn(image.NewNRGBA64(clear.Rect), clear)} {
		got, err := Decode(bytes.NewReader(written(t, encodePNG, img)), "PNG")
		if err != nil || !near(got, 0, 0, color.RGBA{227, 127, 127, 255}) || !near(got, 1, 0, color.RGBA{255, 255, 255, 255}) {
			t.Errorf("%T with alpha: %v", img, err)
		}
	}
}

// withEXIF puts an APP1 segment into a JPEG, with a directory of two entries.
func withEXIF(file []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := map[binary.AppendByteOrder]string{binary.LittleEndian: "II*\x00", binary.BigEndian: "MM\x00*"}[order]
	exif := order.AppendUint32([]byte("Exif\x00\x00"+tiff), 8)
	exif = order.AppendUint16(exif, 2)
	for _, entry := range [][2]uint16{{0x100, 16}, {0x112, orientation}} {
		exif = order.AppendUint16(exif, entry[0])
		exif = order.AppendUint16(exif, 3)
		exif = order.AppendUint32(exif, 1)
		exif = order.AppendUint16(exif, entry[1])
		exif = order.AppendUint16(exif, 0)
	}
	exif = order.AppendUint32(exif, 0)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return slices.Concat(file[:2], segment, exif, file[2:])
}

func TestOrientation(t *testing.T) {
	// Quarters, in reading order: red, green, blue, white. One row and one column more, to see what is odd.
	colours := map[byte]color.RGBA{'R': {255, 0, 0, 255}, 'G': {0, 255, 0, 255}, 'B': {0, 0, 255, 255}, 'W': {255, 255, 255, 255}}
	for _, img := range []draw.Image{image.NewRGBA(image.Rect(0, 0, 33, 17)), image.NewCMYK(image.Rect(0, 0, 33, 17))} {
		for i := range 33 * 17 {
			img.Set(i%33, i/33, colours["RGBW"[i/33/8%2*2+i%33/16%2]])
		}
		file := written(t, encodeJPEG, image.Image(img))
		for orientation, want := range []string{"RGBW", "RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB", "RGBW"} {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				got, err := Decode(bytes.NewReader(withEXIF(file, order, uint16(orientation))), "photo")
				if err != nil {
					t.Fatal(err)
				}
				size := image.Pt(33, 17)
				if orientation >= 5 && orientation <= 8 {
					size = image.Pt(17, 33)
				}
				if got.Bounds().Size() != size {
					t.Errorf("orientation %d: size %v", orientation, got.Bounds().Size())
				}
				for i := range 4 {
					if at := image.Pt(size.X/4+size.X/2*(i%2), size.Y/4+size.Y/2*(i/2)); !near(got, at.X, at.Y, colours[want[i]]) {
						t.Errorf("orientation %d, %v: quarter %d is %v", orientation, order, i, got.At(at.X, at.Y))
					}
				}
			}
		}
	}
	// To the pixel, and once there and back.
	img := pattern(5, 3)
	for orientation, back := range []int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6} {
		if orientation > 0 && !bytes.Equal(upright(upright(img, orientation), back).(*image.RGBA).Pix, img.Pix) {
			t.Errorf("orientation %d and %d do not undo each other", orientation, back)
		}
	}
	// A TIFF's own tag: its encoder has none, so one of no use makes room.
	file := written(t, encodeTIFF, image.Image(halves()))
	entry := bytes.Index(file, []byte{0x15, 1, 3, 0}) // SamplesPerPixel, which the decoder does not read
	if entry < 0 {
		t.Fatal("no entry to replace")
	}
	copy(file[entry:], []byte{0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0})
	if got, err := Decode(bytes.NewReader(file), "TIFF"); err != nil || got.Bounds().Size() != image.Pt(8, 16) {
		t.Errorf("turned TIFF: %v", err)
	}
}

func TestHostileEXIF(t *testing.T) {
	file := withEXIF(written(t, encodeJPEG, image.Image(halves())), binary.LittleEndian, 6)
	tiff := bytes.Index(file, []byte("II*"))
	for n := range file[:tiff+40] {
		walkJPEG(file[:n])
		exifOrientation(file[tiff : tiff+max(0, n-tiff)])
	}
	for name, change := range map[string]func(tiff []byte){
		"directory beyond the end": func(tiff []byte) { binary.LittleEndian.PutUint32(tiff[4:], 0xffffffff) },
		"too many entries":         func(tiff []byte) { tiff[8], tiff[9], tiff[22] = 255, 255, 0 },
		"orientation 99":           func(tiff []byte) { tiff[30] = 99 },
		"orientation as text":      func(tiff []byte) { tiff[24] = 2 },
	} {
		bad := slices.Clone(file)
		change(bad[tiff:])
		if img, err := Decode(bytes.NewReader(bad), name); err != nil || img.Bounds().Dx() != 16 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnimation(t *testing.T) {
	b := image.Rect(0, 0, 4, 2)
	palette := color.Palette{color.Transparent, left, right, color.Black}
	frame := func(r image.Rectangle, index uint8) *image.Paletted {
		img := image.NewPaletted(r, palette)
		for i := range img.Pix {
			img.Pix[i] = index
		}
		return img
	}
	hole := frame(b, 2)
	hole.SetColorIndex(0, 0, 0)
	file := written(t, encodeGIF, &gif.GIF{
		Image: []*image.Paletted{frame(image.Rect(1, 0, 4, 2), 1), hole, frame(image.Rect(0, 0, 2, 2), 3), frame(image.Rect(2, 0, 3, 1), 3), frame(image.Rect(3, 1, 4, 2), 1)},
		Delay: []int{10, 0, 5, 65535, 1}, LoopCount: 3, Disposal: []byte{gif.DisposalNone, gif.DisposalNone, gif.DisposalPrevious, gif.DisposalBackground, 0},
		Config: image.Config{Width: 4, Height: 2, ColorModel: palette},
	})
	want := []string{ // w is white, l left, r right, k black
		"wlll wlll", "wrrr rrrr", "kkrr kkrr", "wrkr rrrr", "wrwr rrrl",
	}
	delays := []time.Duration{100 * time.Millisecond, 0, 50 * time.Millisecond, 655350 * time.Millisecond, 10 * time.Millisecond}
	path := filepath.Join(t.TempDir(), "moving.gif")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	moving, err := OpenAnimation(path)
	if err != nil || moving.Len != len(want) || moving.Width != 4 || moving.Height != 2 || moving.LoopCount != 3 {
		t.Fatalf("%+v, %v", moving, err)
	}
	frames := framesOf(t, moving)
	for i, frame := range frames {
		var got strings.Builder
		for k := range 8 {
			if k == 4 {
				got.WriteByte(' ')
			}
			for c, is := range map[byte]color.RGBA{'w': {255, 255, 255, 255}, 'l': left, 'r': right, 'k': {0, 0, 0, 255}} {
				if frame.Image.At(k%4, k/4) == is {
					got.WriteByte(c)
				}
			}
		}
		if got.String() != want[i] || frame.Delay != delays[i] {
			t.Errorf("frame %d is %s for %v, want %s for %v", i, got.String(), frame.Delay, want[i], delays[i])
		}
	}
	if len(frames) != len(want) {
		t.Errorf("%d frames", len(frames))
	}
	if first, err := Open(path); err != nil || !bytes.Equal(first.(*image.RGBA).Pix, frames[0].Image.(*image.RGBA).Pix) {
		t.Errorf("the first frame alone: %v", err)
	}
	if one, err := (Decoder{}).DecodeAnimation(bytes.NewReader(files(t)["JPEG"]), "still"); err != nil || one.Len != 1 || len(framesOf(t, one)) != 1 {
		t.Errorf("a still picture: %+v, %v", one, err)
	}
	for text, d := range map[string]Decoder{
		"moving has more than the 4 frames that are read":                                           {MaxFrames: 4},
		"moving has 5 frames of 4 × 2 pixels, together more than the 39 pixels that are read: save": {MaxPixels: 39},
	} {
		if _, err := d.DecodeAnimation(bytes.NewReader(file), "moving"); !errors.Is(err, ErrTooLarge) || !strings.HasPrefix(err.Error(), text) {
			t.Errorf("error %v, want %s", err, text)
		}
	}
	if _, err := (Decoder{MaxPixels: 40, MaxFrames: 5}).DecodeAnimation(bytes.NewReader(file), "moving"); err != nil {
		t.Error(err)
	}
	for n := range len(file) - 1 {
		if _, err := (Decoder{}).DecodeAnimation(bytes.NewReader(file[:n]), "cut"); err == nil {
			t.Errorf("%d of %d bytes are enough", n, len(file))
		}
	}
}

// framesOf are copies of an animation's frames.
func framesOf(t testing.TB, a *Animation) (frames []Frame) {
	for frame, err := range a.Frames() {
		if err != nil {
			t.Fatal(err)
		}
		if canvas, ok := frame.Image.(*image.RGBA); ok {
			whole := *canvas
			whole.Pix = slices.Clone(canvas.Pix)
			frame.Image = &whole
		}
		frames = append(frames, frame)
	}
	return frames
}

func TestRefused(t *testing.T) {
	jpegFile := written(t, encodeJPEG, image.Image(halves()))
	for _, test := range []struct {
		file, want string
		kind       error
	}{
		{"", "x is empty", ErrDamaged},
		{"\x01\xff", "x is no picture that is known here", ErrNotPicture},
		{"<!DOCTYPE html><html>", "x is an HTML page", ErrNotPicture},
		{"\ufeff\n <HTML>", "x is an HTML page", ErrNotPicture},
		{"<?xml version='1.0'?><svg/>", "x is an SVG drawing", ErrUnsupported},
		{"\x00\x00\x00\x18ftypheic\x00\x00", "x is a HEIC picture, as iPhones take them: export it as JPEG", ErrUnsupported},
		{"\x00\x00\x00\x18ftypavif\x00\x00", "x is an AVIF picture", ErrUnsupported},
		{"\x00\x00\x00\x18ftypisom\x00\x00", "x is a video", ErrNotPicture},
		{"%PDF-1.7", "x is a PDF document", ErrNotPicture},
		{"PK\x03\x04...", "x is a ZIP archive", ErrNotPicture},
		{"version https://git-lfs.github.com/spec/v1", "x is a Git LFS pointer", ErrNotPicture},
		{"no picture, just words", "x is text", ErrNotPicture},
		{"RIFF\xff\xff\xff\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00", "x is an animated WebP", ErrUnsupported},
		{"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "x is a damaged GIF (it has no frame)", ErrDamaged},
		{"GIF89a\x00\x00\x01\x00\x00\x00\x00;", "x is a damaged GIF (it has no pixels)", ErrDamaged},
		{string(jpegFile[:len(jpegFile)-2]) + strings.Repeat("\xff\xda\x00\x02", maxScans), "x is a JPEG of 501 scans", ErrTooLarge},
		{string(jpegFile[:len(jpegFile)/2]), "x is a JPEG that is cut short: copy or download it again", ErrDamaged},
	} {
		_, err := Decode(strings.NewReader(test.file), "x")
		var e *Error
		if !errors.As(err, &e) || e.Kind != test.kind || !errors.Is(err, test.kind) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.20q: error %v, want %s", test.file, err, test.want)
		}
	}
	for name, file := range files(t) {
		if _, err := Decode(bytes.NewReader(file[:len(file)*3/4]), name); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "cut short") {
			t.Errorf("three quarters of a %s: error %v", name, err)
		}
		for n := range file { // must come back
			Decode(bytes.NewReader(file[:n]), name)
		}
	}

	dir := t.TempDir()
	if _, err := Open(dir); !errors.Is(err, ErrNotPicture) || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "absent.jpg")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "absent.jpg") {
		t.Errorf("absent: %v", err)
	}
	path := filepath.Join(dir, "long.jpg")
	if err := os.WriteFile(path, jpegFile, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, DefaultMaxBytes+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "long.jpg is longer than the 200000000 bytes") {
		t.Errorf("long: %v", err)
	}
	if _, err := (Decoder{MaxBytes: 100}).Decode(bytes.NewReader(jpegFile), "x"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("long stream: %v", err)
	}
	broken := errors.New("the disk is gone")
	for _, after := range []int{0, 4, 600} {
		file := append(slices.Clone(jpegFile), make([]byte, 9000)...)
		r := struct{ io.Reader }{io.MultiReader(bytes.NewReader(file[:after]), iotest.ErrReader(broken))}
		if _, err := Decode(r, "x"); !errors.Is(err, broken) || errors.Is(err, ErrDamaged) {
			t.Errorf("broken after %d bytes: error %v", after, err)
		}
	}
}

// TestBombs holds that what claims to be huge is refused without room made for it.
func TestBombs(t *testing.T) {
	be, le := binary.BigEndian, binary.LittleEndian
	makers := map[string]func(w, h int) []byte{
		"PNG": func(w, h int) []byte {
			header := be.AppendUint32(be.AppendUint32([]byte("IHDR"), uint32(w)), uint32(h))
			header = append(header, 16, 6, 0, 0, 0)
			file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
			return append(be.AppendUint32(file, crc32.ChecksumIEEE(header)), "\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e"...)
		},
		"JPEG": func(w, h int) []byte {
			file := be.AppendUint16(be.AppendUint16([]byte("\xff\xd8\xff\xc2\x00\x11\x08"), uint16(h)), uint16(w))
			return append(file, "\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x00\x00"...)
		},
		"BMP": func(w, h int) []byte {
			file := le.AppendUint32(le.AppendUint32([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), uint32(w)), uint32(h))
			return append(append(file, "\x01\x00\x18\x00"...), make([]byte, 24)...)
		},
	}
	refused := func(name string, file []byte, want string) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(bytes.NewReader(file), name)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
	for name, bomb := range makers {
		refused(name, bomb(20000, 5001), "has 20000 × 5001 pixels, more than the 100000000 that are read")
		refused(name, bomb(10000, 10000), "cut short") // no more than is allowed, but not in so few bytes
	}
	refused("GIF", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), "has 65535 × 65535 pixels")
	refused("WebP", []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\xff\x3f\x00"), "has 65536 × 16384 pixels")
	refused("lossless WebP", []byte("RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00"), "has 16384 × 16384 pixels")
	tiffFile := written(t, encodeTIFF, image.Image(halves()))
	for _, tag := range []byte{0, 1} {
		entry := bytes.Index(tiffFile, []byte{tag, 1, 3, 0, 1, 0, 0, 0})
		if entry < 0 {
			t.Fatal("no width or height")
		}
		copy(tiffFile[entry+8:], "\xff\xff")
	}
	refused("TIFF", tiffFile, "has 65535 × 65535 pixels")

	small := Decoder{MaxPixels: 16*8 - 1}
	for name, file := range files(t) {
		if _, err := small.Decode(bytes.NewReader(file), name); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s beyond MaxPixels: error %v", name, err)
		}
		if _, err := (Decoder{MaxPixels: 16 * 8}).Decode(bytes.NewReader(file), name); err != nil {
			t.Errorf("%s of MaxPixels: error %v", name, err)
		}
	}
}

// TestOverlappingTIFF: 20,000 strips that are all the same 900 kB would be 18 GB to read.
func TestOverlappingTIFF(t *testing.T) {
	le := binary.LittleEndian
	const strips, clears, at = 20000, 100_000, 200
	const length = 9*clears + 3
	file := le.AppendUint16(le.AppendUint32([]byte("II*\x00"), 8), 8)
	entry := func(tag, kind uint16, count, value uint32) {
		file = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(file, tag), kind), count), value)
	}
	entry(0x100, 4, 1, 1)      // width
	entry(0x101, 4, 1, strips) // height
	entry(0x102, 3, 1, 8)      // bits
	entry(0x103, 3, 1, 5)      // LZW
	entry(0x106, 3, 1, 1)      // grey
	entry(0x111, 4, strips, at)
	entry(0x116, 4, 1, 1) // rows in a strip
	entry(0x117, 4, strips, at+4*strips)
	file = append(file, make([]byte, at-len(file))...)
	for range strips {
		file = le.AppendUint32(file, at+8*strips)
	}
	for range strips {
		file = le.AppendUint32(file, length)
	}
	for range clears { // 8 codes of 9 bits that say no more than clear
		file = append(file, "\x80\x40\x20\x10\x08\x04\x02\x01\x00"...)
	}
	file = append(file, "\x00\x40\x40"...) // a black pixel, and the end
	if _, err := Decode(bytes.NewReader(file), "x"); err == nil || !strings.Contains(err.Error(), "its parts overlap") {
		t.Errorf("error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range files(f) {
		f.Add(file)
	}
	f.Add(withEXIF(files(f)["JPEG"], binary.BigEndian, 6))
	d := Decoder{MaxPixels: 1 << 14, MaxBytes: 1 << 20, MaxFrames: 20}
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := d.Decode(bytes.NewReader(file), "x")
		if err == nil {
			if b := img.Bounds(); b.Empty() || b.Dx()*b.Dy() > d.MaxPixels {
				t.Fatalf("bounds %v", b)
			}
			Prepare(img, 8, 8, Letterbox, HalfPixel)
		} else if e := (*Error)(nil); !errors.As(err, &e) {
			t.Fatalf("error %v", err)
		}
		if a, err := d.DecodeAnimation(bytes.NewReader(file), "x"); err == nil {
			if a.Len == 0 || a.Len > d.MaxFrames {
				t.Fatalf("%d frames", a.Len)
			}
			for range a.Frames() {
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	path := golden(b, "images", "dog.jpg")
	for b.Loop() {
		if _, err := Open(path); err != nil {
			b.Fatal(err)
		}
	}
}
