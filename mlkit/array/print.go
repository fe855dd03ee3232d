package array

import "strings"

const (
	lineWidth = 75   // columns, as far as the numbers go
	threshold = 1000 // arrays of more numbers are summarised
	edge      = 3    // to so many at both ends of an axis
)

// String is the array as NumPy prints it, in columns, and summarised with ... where it holds more than
// 1000 numbers. See https://numpy.org/doc/stable/reference/generated/numpy.array2string.html.
func (a *Array) String() string {
	switch {
	case a == nil:
		return "<nil>"
	case a.data == nil:
		return a.missing()
	case len(a.shape) == 0:
		return single(a.data)
	case a.data.len() == 0:
		return "[]"
	}
	p := printer{shape: a.shape, short: a.data.len() > threshold}
	p.words = columns(p.values(a.data))
	p.nested(0)
	return p.String()
}

// A printer lays the words of an array out in lines.
type printer struct {
	strings.Builder
	shape []int
	short bool
	words []string // those still to be written, in row-major order
}

// cut tells whether the middle of an axis is left out.
func (p *printer) cut(axis int) bool { return p.short && p.shape[axis] > 2*edge }

// values picks the numbers to be printed.
func (p *printer) values(from vector) vector {
	if !p.short {
		return from
	}
	at := []int{0}
	for axis, length := range p.shape {
		var next []int
		for _, start := range at {
			for i := 0; i < length; i++ {
				if p.cut(axis) && i == edge {
					i = length - edge
				}
				next = append(next, start*length+i)
			}
		}
		at = next
	}
	return from.pick(at)
}

// nested writes the next element of an axis: a row if it is the last one, else all the rows in it.
func (p *printer) nested(axis int) {
	p.WriteByte('[')
	if axis == len(p.shape)-1 {
		p.row(axis)
	} else {
		newline := strings.Repeat("\n", len(p.shape)-1-axis) + strings.Repeat(" ", axis+1)
		for i := 0; i < p.shape[axis]; i++ {
			if i > 0 {
				p.WriteString(newline)
			}
			if i == edge && p.cut(axis) {
				p.WriteString("..." + newline)
				i = p.shape[axis] - edge
			}
			p.nested(axis + 1)
		}
	}
	p.WriteByte(']')
}

// row writes a row of numbers, over several lines where they do not fit in one.
func (p *printer) row(axis int) {
	indent := strings.Repeat(" ", axis+1)
	width := lineWidth - len(p.shape) // room for the brackets that may follow
	line := indent
	begun := false // whether the line has a word, after which it may be broken
	put := func(word string) {
		if begun {
			line += " "
		}
		if begun && len(line)+len(word) > width {
			p.WriteString(strings.TrimRight(line[len(indent):], " ") + "\n" + indent)
			line = indent
		}
		line += word
		begun = true
	}
	for i := 0; i < p.shape[axis]; i++ {
		if i == edge && p.cut(axis) {
			put("...")
			i = p.shape[axis] - edge
		}
		put(p.words[0])
		p.words = p.words[1:]
	}
	p.WriteString(line[len(indent):])
}
