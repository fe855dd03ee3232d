package detection

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// textForm names the form in errors.
const textForm = "YOLO text"

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

const (
	maxLine  = 4096
	maxBoxes = 1 << 20
)

// TextOptions are for WriteText.
type TextOptions struct {
	Scores bool // write each score as a sixth number
}

// WriteText writes detections in a photo of width × height pixels as YOLO's labels, one to a line:
//
//	class cx cy w h
//
// with the number of the class, and the box's centre and size as parts of the photo's width and height.
// Labels lie within the photo, so boxes are clipped, and those outside it are left out. The form is
// that of Darknet's training data; a score after it is Ultralytics' custom.
func WriteText(w io.Writer, list []Detection, width, height int, options TextOptions) error {
	if width <= 0 || height <= 0 {
		return &OptionError{"width and height", fmt.Sprintf("a photo has no %d × %d pixels", width, height)}
	}
	var out bytes.Buffer
	for _, d := range list {
		if err := d.check(); err != nil {
			return fmt.Errorf("a detection that a label cannot hold: %w", err)
		}
		b := d.Box.Clip(width, height)
		if b.Area() == 0 {
			continue
		}
		fmt.Fprintf(&out, "%d %.6f %.6f %.6f %.6f", d.Class,
			(b.X1+b.X2)/2/float64(width), (b.Y1+b.Y2)/2/float64(height), b.Width()/float64(width), b.Height()/float64(height))
		if options.Scores {
			fmt.Fprintf(&out, " %.6f", d.Score)
		}
		out.WriteByte('\n')
	}
	_, err := w.Write(out.Bytes())
	return err
}

// ReadText reads YOLO's labels of a photo of width × height pixels. See WriteText for the form. Names
// are the classes' names; without them, a class's name is its number. A box without a score gets 1.
// What is wrong with the labels is told by a *FormatError.
func ReadText(r io.Reader, width, height int, names []string) ([]Detection, error) {
	if width <= 0 || height <= 0 {
		return nil, &OptionError{"width and height", fmt.Sprintf("a photo has no %d × %d pixels", width, height)}
	}
	list := []Detection{}
	err := readLines(r, textForm, func(number int, line string) error {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			return nil
		}
		if len(list) == maxBoxes {
			return fmt.Errorf("there are more than %d boxes", maxBoxes)
		}
		d, err := label(fields, float64(width), float64(height), names)
		if err == nil {
			list = append(list, d)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// label is one line of a file of labels.
func label(fields []string, width, height float64, names []string) (Detection, error) {
	if len(fields) != 5 && len(fields) != 6 {
		return Detection{}, fmt.Errorf("it has %d numbers; a label has 5, class cx cy w h, and may have a score", len(fields))
	}
	class, err := strconv.Atoi(fields[0])
	if err != nil || class < 0 || class >= maxClasses {
		return Detection{}, fmt.Errorf("its class is %.30q, not a whole number from 0 to %d", fields[0], maxClasses-1)
	}
	if names != nil && class >= len(names) {
		return Detection{}, fmt.Errorf("its class is %d, and there are %d names: do they belong to this data set?", class, len(names))
	}
	v := [5]float64{4: 1}
	for i, field := range fields[1:] {
		// Programs that write labels round, so that what touches an edge may be a little beyond it.
		const rounding = 1e-3
		v[i], err = strconv.ParseFloat(field, 64)
		if err != nil || !(v[i] >= -rounding && v[i] <= 1+rounding) {
			return Detection{}, fmt.Errorf("its %s is %.30q, not a number from 0 to 1",
				[...]string{"cx", "cy", "w", "h", "score"}[i], field)
		}
		v[i] = max(0, min(1, v[i]))
	}
	cx, cy, w, h := v[0]*width, v[1]*height, v[2]*width, v[3]*height
	return Detection{class, className(names, class), v[4], Box{cx - w/2, cy - h/2, cx + w/2, cy + h/2}}, nil
}

// readLines calls line for each line of a text, without what ends it. Its errors and those of line,
// other than the reader's, become a *FormatError.
func readLines(r io.Reader, form string, line func(number int, line string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		text := lines.Text()
		if number == 1 {
			text = strings.TrimPrefix(text, byteOrderMark)
		}
		if err := line(number, text); err != nil {
			return &FormatError{form, number, err.Error()}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return &FormatError{form, number + 1, fmt.Sprintf("it is longer than %d bytes", maxLine)}
	} else if err != nil {
		return fmt.Errorf("reading %s: %w", form, err)
	}
	return nil
}
