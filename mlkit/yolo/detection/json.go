package detection

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// maxFile bounds what is read: a million detections.
const maxFile = 128 << 20

// MarshalJSON writes {"class": 16, "name": "dog", "score": 0.65, "box": [x1, y1, x2, y2]}, the score to
// five decimals and the box to a hundredth of a pixel.
func (d Detection) MarshalJSON() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("a detection that JSON cannot hold: %w", err)
	}
	name, err := json.Marshal(d.Name)
	if err != nil {
		return nil, err
	}
	b := append([]byte(`{"class": `), strconv.Itoa(d.Class)...)
	b = append(append(b, `, "name": `...), name...)
	b = appendRounded(append(b, `, "score": `...), d.Score, 1e5)
	b = append(b, `, "box": [`...)
	for i, v := range [...]float64{d.Box.X1, d.Box.Y1, d.Box.X2, d.Box.Y2} {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendRounded(b, v, 1e2)
	}
	return append(b, "]}"...), nil
}

// appendRounded appends a number that is rounded to parts of one, without zeros at its end.
func appendRounded(b []byte, v, parts float64) []byte {
	if math.Abs(v) < 1e12 { // else it has no such decimals, and the product might overflow
		v = math.Round(v*parts)/parts + 0 // + 0 makes -0 a 0
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// UnmarshalJSON reads what MarshalJSON writes. The name and the score may be absent: a box that
// somebody has drawn has no score, and gets 1. The error is a *FormatError.
func (d *Detection) UnmarshalJSON(data []byte) error {
	var in struct {
		Class *int      `json:"class"`
		Name  string    `json:"name"`
		Score *float64  `json:"score"`
		Box   []float64 `json:"box"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return jsonError(err)
	}
	if in.Class == nil {
		return &FormatError{Form: jsonForm, Reason: `a detection has no "class"`}
	}
	if len(in.Box) != 4 {
		return &FormatError{Form: jsonForm, Reason: fmt.Sprintf(`a detection has a "box" of %d numbers, which needs 4: left, top, right, bottom`, len(in.Box))}
	}
	read := Detection{*in.Class, in.Name, 1, Box{in.Box[0], in.Box[1], in.Box[2], in.Box[3]}}
	if in.Score != nil {
		read.Score = *in.Score
	}
	if err := read.check(); err != nil {
		return &FormatError{Form: jsonForm, Reason: "a detection is impossible: " + err.Error()}
	}
	*d = read
	return nil
}

const jsonForm = "detections in JSON"

// jsonError is err as a *FormatError.
func jsonError(err error) error {
	var format *FormatError
	if errors.As(err, &format) {
		return format
	}
	return &FormatError{Form: jsonForm, Reason: err.Error()}
}

// WriteJSON writes a list as JSON, with one detection to a line:
//
//	[{"class": 16, "name": "dog", "score": 0.65, "box": [122.88, 220.64, 365.17, 515.31]},
//	 {"class": 2, "name": "car", "score": 0.44, "box": [690.09, 116.87, 729, 154.66]}]
//
// It writes nothing if a detection holds something that is no number.
func WriteJSON(w io.Writer, list []Detection) error {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, d := range list {
		if i > 0 {
			out.WriteString(",\n ")
		}
		one, err := d.MarshalJSON()
		if err != nil {
			return err
		}
		out.Write(one)
	}
	out.WriteString("]\n")
	_, err := w.Write(out.Bytes())
	return err
}

// ReadJSON reads a list that WriteJSON or json.Marshal wrote. What is wrong with the list is told by a
// *FormatError.
func ReadJSON(r io.Reader) ([]Detection, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading detections: %w", err)
	}
	if len(data) > maxFile {
		return nil, &FormatError{Form: jsonForm, Reason: fmt.Sprintf("it is longer than %d bytes", maxFile)}
	}
	var list []Detection
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, jsonError(err)
	}
	return list, nil
}
