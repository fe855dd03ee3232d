package photo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// walkJPEG finds the orientation in a JPEG's EXIF data, 1 if there is none, and counts its scans.
func walkJPEG(data []byte) (orientation, scans int) {
	orientation = 1
	for {
		at := bytes.IndexByte(data, 0xff) // past the pixels of a scan, where 0 or a restart marker follows 0xff
		if at < 0 || len(data) < at+4 {
			return orientation, scans
		}
		data = data[at+1:]
		marker := data[0]
		switch {
		case marker == 0xff: // a fill byte
			continue
		case marker <= 1, marker >= 0xd0 && marker <= 0xd8: // no segment
			data = data[1:]
			continue
		case marker == 0xd9: // the end: a preview or a video may follow
			return orientation, scans
		case marker == 0xda:
			scans++
		}
		segment := data[1:]
		segment = segment[:min(len(segment), max(2, int(binary.BigEndian.Uint16(segment))))]
		if exif, ok := bytes.CutPrefix(segment[2:], []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			orientation = exifOrientation(exif)
		}
		data = data[1+len(segment):]
	}
}

// exifOrientation is the tag Orientation, 1 to 8, of a TIFF file's first directory, which is also EXIF's form
// (TIFF 6.0, page 36). Without a valid one it is 1.
func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case matches(tiff, "II*\x00????"):
		order = binary.LittleEndian
	case matches(tiff, "MM\x00*????"):
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	n, entries := order.Uint16(tiff[at:]), tiff[at+2:]
	for ; n > 0 && len(entries) >= 12; n, entries = n-1, entries[12:] {
		const orientation, short = 0x112, 3
		if order.Uint16(entries) == orientation && order.Uint16(entries[2:]) == short {
			if v := order.Uint16(entries[8:]); v >= 1 && v <= 8 {
				return int(v)
			}
		}
	}
	return 1
}

// upright turns a picture as EXIF's orientation says, and makes it opaque, on white, and of 8 bits.
func upright(img image.Image, orientation int) image.Image {
	source := rowsOf(img)
	if orientation == 1 {
		if source.rgba != nil && source.rgba.Opaque() {
			return source.rgba
		}
		if source.nrgba == nil && source.rgba == nil || source.nrgba != nil && source.nrgba.Opaque() {
			return img
		}
	}
	w, h := source.bounds.Dx(), source.bounds.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	// place says where a pixel goes.
	place := func(x, y int) int {
		switch orientation {
		case 2, 3, 7, 8: // from right to left
			x = w - 1 - x
		}
		switch orientation {
		case 3, 4, 6, 7: // from below
			y = h - 1 - y
		}
		if orientation >= 5 { // rows become columns
			x, y = y, x
		}
		return to.PixOffset(x, y)
	}
	columns := make([]int, w)
	for x := range columns {
		columns[x] = x
	}
	row := make([]byte, 3*w)
	for y := range h {
		source.read(row, y, columns)
		at := place(0, y)
		step := place(1, y) - at
		for x := range w {
			p, q := row[3*x:][:3], to.Pix[at:][:4]
			q[0], q[1], q[2], q[3] = p[0], p[1], p[2], 255
			at += step
		}
	}
	return to
}
