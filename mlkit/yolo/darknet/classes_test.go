package darknet

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// Only the lines about classes change, and what comes out is a network.
func TestWithClasses(t *testing.T) {
	const head = "[net]\nwidth=64\nheight=64\nchannels=3\n"
	text := head + "[convolutional]\nfilters = 18 # of 3\n\n[yolo]\r\nmask=0,1\nanchors=1,2, 3,4, 5,6\nclasses = 4\n[route]\nlayers=0\n[convolutional]\n[yolo]\nanchors=1,2\nclasses=1"
	want := head + "[convolutional]\nfilters=26\n\n[yolo]\r\nmask=0,1\nanchors=1,2, 3,4, 5,6\nclasses=8\n[route]\nlayers=0\n[convolutional]\nfilters=13\n[yolo]\nanchors=1,2\nclasses=8"
	if got, err := WithClasses([]byte(text), 8); err != nil || string(got) != want {
		t.Errorf("%s\n%v", got, err)
	}
	for _, test := range []struct{ text, want string }{
		{head + "[yolo]\nanchors=1,2\nclasses=1", "before this one is [net]"},
		{head + "[convolutional]\n[yolo]\nanchors=1\nclasses=1", "1 numbers, and each anchor has two"},
		{head + "[convolutional]\n[yolo]\nclasses=1", "it must be numbers above 0"},
		{"<html>", "web page"},
	} {
		var e *ConfigError
		if _, err := WithClasses([]byte(test.text), 8); !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
	if _, err := WithClasses([]byte(text), 0); err == nil {
		t.Error("no classes are taken")
	}
	real, err := os.ReadFile(shared(t, "yolov3-416.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := WithClasses(real, 3)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := WithClasses(changed, 80); err != nil || len(strings.Split(string(again), "\n")) != len(strings.Split(string(real), "\n")) {
		t.Error(err)
	}
}

// FuzzWithClasses checks that what comes out tells so many classes apart, whatever goes in.
func FuzzWithClasses(f *testing.F) {
	f.Add(small, 3)
	f.Add("[net]\nwidth=64\nheight=64\nchannels=3\n[conv]\n[yolo]\nanchors=1,2", 80)
	f.Fuzz(func(t *testing.T, text string, n int) {
		changed, err := WithClasses([]byte(text), n)
		if err != nil {
			return
		}
		c, err := ParseConfig(bytes.NewReader(changed))
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range c.Layers {
			if k, ok := l.Kind.(YOLO); ok && k.Classes != n {
				t.Errorf("layer %d tells %d classes apart, not %d", i, k.Classes, n)
			}
		}
	})
}
