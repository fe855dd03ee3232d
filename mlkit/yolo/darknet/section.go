package darknet

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A section is a [name] and the settings under it, as text.
type section struct {
	name     string
	line     int
	settings map[string]setting
	err      *ConfigError // the first thing found wrong with it
}

type setting struct {
	value string
	line  int
}

// aliases are Darknet's other names of sections.
var aliases = map[string]string{"network": "net", "conv": "convolutional", "max": "maxpool"}

// kinds are the sections that are layers.
var kinds = []string{"convolutional", "maxpool", "upsample", "route", "shortcut", "dropout", "yolo"}

// split cuts a configuration into sections, [net] first and at least one layer after it.
func split(text []byte) ([]*section, error) {
	wrong := func(line int, format string, args ...any) ([]*section, error) {
		return nil, &ConfigError{Line: line, Layer: -1, Reason: fmt.Sprintf(format, args...)}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	switch {
	case len(text) > maxConfig:
		return wrong(0, "it is larger than 1 MB; is it a file of weights?")
	case bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")):
		return wrong(0, "this is a web page, not a configuration: the server sent %s", quote(webTitle(text)))
	case bytes.IndexByte(text, 0) >= 0:
		return wrong(0, "this is not text; is it a file of weights?")
	}
	var sections []*section
	for i, line := range strings.Split(string(text), "\n") {
		number := i + 1
		if comment := strings.IndexAny(line, "#;"); comment >= 0 {
			line = line[:comment]
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if line[0] == '[' {
			name, closed := strings.CutSuffix(line[1:], "]")
			if !closed {
				return wrong(number, "the name of a section has no ] after it: %s", quote(line))
			}
			name = strings.TrimSpace(name)
			if other, ok := aliases[name]; ok {
				name = other
			}
			switch {
			case len(sections) == 0 && name != "net":
				return wrong(number, "the first section is %s and must be [net]", quote(line))
			case len(sections) > 0 && name == "net":
				return wrong(number, "a second [net] section; a file describes one network")
			case len(sections) > 0 && !slices.Contains(kinds, name):
				return wrong(number, "the section %s is not known; the layers that can be read are [%s]", quote(line), strings.Join(kinds, "], ["))
			case len(sections) > maxLayers:
				return wrong(number, "more than %d layers", maxLayers)
			}
			sections = append(sections, &section{name: name, line: number, settings: map[string]setting{}})
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return wrong(number, "%s is neither a [section] nor a setting, which is written name=value", quote(line))
		}
		if len(sections) == 0 {
			return wrong(number, "the setting %s stands before the first section, which must be [net]", quote(line))
		}
		s := sections[len(sections)-1]
		if _, twice := s.settings[key]; !twice { // Darknet, too, takes the first
			s.settings[key] = setting{strings.TrimSpace(value), number}
		}
	}
	switch len(sections) {
	case 0:
		return wrong(0, "it has no [net] section; is the file empty?")
	case 1:
		return wrong(0, "there are no layers after [net]")
	}
	return sections, nil
}

// quote writes some of a file's text into an error.
func quote(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// webTitle is what a web page says it is: its title, or its beginning if it has none.
func webTitle(page []byte) string {
	text := strings.TrimPrefix(strings.ToValidUTF8(string(page), "?"), "\ufeff")
	if _, rest, ok := strings.Cut(text, "<title>"); ok {
		if title, _, ok := strings.Cut(rest, "</title>"); ok {
			text = title
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// fail notes what is wrong with a setting, or with the section where it has no such setting.
func (s *section) fail(key, format string, args ...any) {
	if s.err != nil {
		return
	}
	line, reason := s.line, fmt.Sprintf(format, args...)
	if v, ok := s.settings[key]; ok {
		line, reason = v.line, key+"="+clip(v.value)+": "+reason
	}
	s.err = &ConfigError{Line: line, Layer: -1, Section: s.name, Reason: reason}
}

// clip shortens a value for an error.
func clip(value string) string {
	quoted := quote(value)
	return quoted[1 : len(quoted)-1]
}

// need is whether a setting is there; if not, that is an error.
func (s *section) need(key string) bool {
	_, ok := s.settings[key]
	if !ok {
		s.fail(key, "%s= is missing", key)
	}
	return ok
}

// int is a setting's whole number. One that is wrong counts as least, so that the caller can calculate on.
func (s *section) int(key string, otherwise, least, most int) int {
	v, ok := s.settings[key]
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(v.value)
	if err != nil || n < least || n > most {
		s.fail(key, "it must be a whole number from %d to %d", least, most)
		return least
	}
	return n
}

// float is a setting's number.
func (s *section) float(key string, otherwise, least, most float64) float64 {
	v, ok := s.settings[key]
	if !ok {
		return otherwise
	}
	x, err := strconv.ParseFloat(v.value, 64)
	if err != nil || !(x >= least && x <= most) { // NaN is neither
		s.fail(key, "it must be a number from %v to %v", least, most)
		return least
	}
	return x
}

// ints are a setting's whole numbers, with commas between them. A setting that is absent has none.
func (s *section) ints(key string) []int {
	v, ok := s.settings[key]
	if !ok {
		return nil
	}
	var list []int
	for field := range strings.SplitSeq(v.value, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < -maxChannels || n > maxChannels {
			s.fail(key, "it must be whole numbers with commas between them, and %s is none", quote(field))
			return nil
		}
		list = append(list, n)
	}
	return list
}

// pairs are a setting's numbers, two by two.
func (s *section) pairs(key string) [][2]float64 {
	var list []float64
	for field := range strings.SplitSeq(s.settings[key].value, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || !(x > 0) || math.IsInf(x, 0) {
			s.fail(key, "it must be numbers above 0 with commas between them, and %s is none", quote(field))
			return nil
		}
		list = append(list, x)
	}
	if len(list)%2 != 0 {
		s.fail(key, "%d numbers, and each anchor has two: width and height", len(list))
		return nil
	}
	var pairs [][2]float64
	for pair := range slices.Chunk(list, 2) {
		pairs = append(pairs, [2]float64(pair))
	}
	return pairs
}

// only holds that a setting which would change what the layer computes has the one value that is known here.
func (s *section) only(key, value string) {
	v, ok := s.settings[key]
	if !ok || v.value == value {
		return
	}
	want, err := strconv.ParseFloat(value, 64)
	if got, err2 := strconv.ParseFloat(v.value, 64); err == nil && err2 == nil && got == want {
		return
	}
	s.fail(key, "only %s=%s can be read", key, value)
}
