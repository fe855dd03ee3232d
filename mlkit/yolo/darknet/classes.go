package darknet

import (
	"fmt"
	"strings"
)

// WithClasses changes the text of a configuration so that the network tells n classes apart: classes= in each [yolo]
// section, and filters= in the [convolutional] one before it. All else stays as it is written. An error is a
// *ConfigError.
func WithClasses(config []byte, n int) ([]byte, error) {
	sections, err := split(config)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(config), "\n")
	set := func(s *section, key string, value int) {
		text := fmt.Sprintf("%s=%d", key, value)
		if old, ok := s.settings[key]; ok {
			lines[old.line-1] = text
		} else {
			lines[s.line-1] += "\n" + text
		}
	}
	for i, s := range sections {
		if s.name != "yolo" {
			continue
		}
		before := sections[i-1]
		if before.name != "convolutional" {
			return nil, &ConfigError{Line: s.line, Layer: i - 1, Section: s.name, Reason: fmt.Sprintf("the number of classes can only be changed after a [convolutional] section, and before this one is [%s]", before.name)}
		}
		anchors := len(s.ints("mask"))
		if anchors == 0 {
			anchors = len(s.pairs("anchors"))
		}
		if s.err != nil {
			return nil, s.err
		}
		set(s, "classes", n)
		set(before, "filters", anchors*(5+n))
	}
	changed := []byte(strings.Join(lines, "\n"))
	_, err = ParseConfig(strings.NewReader(string(changed)))
	return changed, err
}
