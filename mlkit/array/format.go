package array

import (
	"math"
	"strconv"
	"strings"
)

// digits is how many digits NumPy prints after the point at most.
const digits = 8

// columns writes numbers with as many columns each, the points below each other.
func columns(v vector) []string {
	words := make([]string, v.len())
	switch v := v.(type) {
	case numbers[uint8]:
		for i, x := range v {
			words[i] = strconv.Itoa(int(x))
		}
	case numbers[int]:
		for i, x := range v {
			words[i] = strconv.Itoa(x)
		}
	case numbers[float32]:
		floats(words, v, 32, 1e6)
	case numbers[float64]:
		floats(words, v, 64, 1e8)
	}
	width := 0
	for _, w := range words {
		width = max(width, len(w))
	}
	for i, w := range words {
		words[i] = strings.Repeat(" ", width-len(w)) + w
	}
	return words
}

// floats writes floating-point numbers with the same number of digits after the point; large is where
// scientific notation begins.
func floats[F float32 | float64](words []string, values []F, bits int, large F) {
	verb := byte('f')
	if scientific(values, large) {
		verb = 'e'
	}
	places, exponent := 0, 0
	for i, v := range values {
		if !finite(float64(v)) {
			continue
		}
		words[i] = shortest(float64(v), verb, bits)
		mantissa, power, _ := strings.Cut(words[i], "e")
		_, fraction, _ := strings.Cut(mantissa, ".")
		places = max(places, len(fraction))
		exponent = max(exponent, len(power)-1)
	}
	for i, v := range values {
		switch x := float64(v); {
		case math.IsNaN(x):
			words[i] = "nan"
		case math.IsInf(x, 0):
			words[i] = infinity(x)
		case verb == 'f':
			_, fraction, _ := strings.Cut(words[i], ".")
			words[i] += strings.Repeat(" ", places-len(fraction))
		default:
			words[i] = strconv.FormatFloat(x, 'e', places, 64)
			mantissa, power, _ := strings.Cut(words[i], "e")
			if places == 0 {
				mantissa += "."
			}
			words[i] = mantissa + "e" + power[:1] + strings.Repeat("0", exponent-len(power)+1) + power[1:]
		}
	}
}

// scientific tells whether NumPy would choose scientific notation: for numbers that are large, small, or
// far apart, as calculated in their own type.
func scientific[F float32 | float64](values []F, large F) bool {
	least, most := F(math.Inf(1)), F(0)
	for _, v := range values {
		if v = max(v, -v); v != 0 && finite(float64(v)) {
			least, most = min(least, v), max(most, v)
		}
	}
	return most > 0 && (most >= large || least < 0.0001 || most/least > 1000)
}

// shortest writes a finite number with as few digits as tell it from its neighbours, and with not more
// than digits of them after the point, which is always there.
func shortest(x float64, verb byte, bits int) string {
	s := strconv.FormatFloat(x, verb, -1, bits)
	mantissa, power, _ := strings.Cut(s, "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(fraction) > digits {
		mantissa, power, _ = strings.Cut(strconv.FormatFloat(x, verb, digits, 64), "e")
		whole, fraction, _ = strings.Cut(mantissa, ".")
		fraction = strings.TrimRight(fraction, "0")
	}
	s = whole + "." + fraction
	if verb == 'e' {
		s += "e" + power
	}
	return s
}

// single writes a number that stands alone, with all its digits, as NumPy's scalars are printed.
func single(v vector) string {
	x, bits, large := v.at(0), 64, 1e16
	switch v.dtype() {
	case Uint8, Int:
		return columns(v)[0]
	case Float32:
		bits, large = 32, 1e6
	}
	switch size := math.Abs(x); {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 0):
		return infinity(x)
	case x != 0 && (size < 0.0001 || size >= large):
		return strconv.FormatFloat(x, 'e', -1, bits)
	}
	s := strconv.FormatFloat(x, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func infinity(x float64) string {
	if x < 0 {
		return "-inf"
	}
	return "inf"
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
