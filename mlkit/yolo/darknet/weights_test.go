package darknet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// tinyConfig has 15 numbers: 11 in layer 0, with batch normalization, and 4 in layer 2.
func tinyConfig(tb testing.TB) *Config {
	c, err := ParseConfig(strings.NewReader("[net]\nwidth=8\nheight=4\nchannels=7\n" +
		"[convolutional]\nfilters=1\nbatch_normalize=1\n[maxpool]\n[convolutional]\nfilters=2\nsize=1\n[dropout]\n"))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// file is a file of weights: a version, the number of pictures seen in so many bytes, and 0, 1, 2, …
func file(major, minor int32, seenBytes, numbers int) []byte {
	var b []byte
	for _, v := range []int32{major, minor, 5} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	b = append(b, "\x01\x02\x03\x04\x05\x00\x00\x00"[:seenBytes]...)
	for i := range numbers {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i)))
	}
	return b
}

// readBoth reads a file in both ways, which must agree.
func readBoth(t *testing.T, data []byte, c *Config) (*Weights, error) {
	t.Helper()
	w, err := Read(bytes.NewReader(data), c)
	mapped, err2 := place(append(make([]byte, 0, len(data)+16), data...), c) // at an address that 4 divides
	if !reflect.DeepEqual(err, err2) || err == nil && !bytes.Equal(written(t, w, c), written(t, mapped, c)) {
		t.Errorf("read %v, %v; mapped %v, %v", w, err, mapped, err2)
	}
	return w, err
}

func written(t *testing.T, w *Weights, c *Config) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, c, w); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	c := tinyConfig(t)
	layers := []ConvWeights{
		{[]float32{0}, []float32{1}, []float32{2}, []float32{3}, []float32{4, 5, 6, 7, 8, 9, 10}},
		{},
		{Biases: []float32{11, 12}, Kernel: []float32{13, 14}},
		{},
	}
	for _, test := range []struct {
		major, minor int32
		seenBytes    int
		seen         uint64
	}{
		{0, 1, 4, 0x04030201}, {0, 2, 8, 0x0504030201}, {0, 0, 4, 0x04030201}, {1, 0, 8, 0x0504030201}, {999, 999, 8, 0x0504030201},
		{1000, 2, 4, 0x04030201}, {0, 1000, 4, 0x04030201}, {math.MaxInt32, 0, 4, 0x04030201}, {-1, 12, 8, 0x0504030201}, {math.MinInt32, 0, 4, 0x04030201},
	} {
		data := file(test.major, test.minor, test.seenBytes, 15)
		w, err := readBoth(t, data, c)
		if err != nil {
			t.Errorf("%v: %v", test, err)
			continue
		}
		if want := (&Weights{test.major, test.minor, 5, test.seen, layers, nil}); !reflect.DeepEqual(w, want) {
			t.Errorf("%v: %v, want %v", test, w, want)
		}
		if !bytes.Equal(written(t, w, c), data) {
			t.Errorf("%v: written again, it is another file", test)
		}
	}
	if _, err := Read(iotest.OneByteReader(bytes.NewReader(file(0, 2, 8, 15))), c); err != nil {
		t.Error("byte by byte:", err)
	}
}

func TestReadErrors(t *testing.T) {
	c := tinyConfig(t)
	page := "\n<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head>"
	tests := []struct {
		name  string
		data  []byte
		error WeightsError
	}{
		{"empty", nil, WeightsError{-1, 0, false, "the file is empty"}},
		{"cut in the version", file(0, 2, 8, 0)[:11], WeightsError{-1, 0, false, "the file ends within its header, before any weights; the download must have broken off"}},
		{"cut in seen", file(0, 2, 8, 0)[:19], WeightsError{-1, 0, false, "the file ends within its header, before any weights; the download must have broken off"}},
		{"only the header", file(0, 2, 8, 0), WeightsError{0, -15, false, "15 of the network's 15 numbers are missing, from the biases of layer 0 on: the download broke off, or the weights are another network's"}},
		{"cut in a kernel", file(0, 2, 8, 6), WeightsError{0, -9, false, "9 of the network's 15 numbers are missing, from the kernel of layer 0 on: the download broke off, or the weights are another network's"}},
		{"cut in a number", file(0, 2, 8, 12)[:20+4*12-1], WeightsError{2, -4, false, "4 of the network's 15 numbers are missing, from the biases of layer 2 on: the download broke off, or the weights are another network's"}},
		{"one missing", file(0, 1, 4, 14), WeightsError{2, -1, false, "1 of the network's 15 numbers are missing, from the kernel of layer 2 on: the download broke off, or the weights are another network's"}},
		{"left over", file(0, 2, 8, 18), WeightsError{2, 3, false, "3 numbers are left over after layer 2, the last of the network with any: the weights are another network's, or the end of the configuration is missing"}},
		{"bytes left over", append(file(0, 2, 8, 16), 1, 2), WeightsError{2, 1, false, "1 numbers and 2 bytes are left over after layer 2, the last of the network with any: the weights are another network's, or the end of the configuration is missing"}},
		{"two bytes left over", append(file(0, 2, 8, 15), 1, 2), WeightsError{2, 0, false, "0 numbers and 2 bytes are left over after layer 2, the last of the network with any: the weights are another network's, or the end of the configuration is missing"}},
		{"web page", []byte(page), WeightsError{-1, 0, true, `this is a web page, not weights: the server sent "403 Forbidden". Fetch the file from another address`}},
		{"long web page", []byte("\ufeff<html lang='de'>" + strings.Repeat("ü ", 9999)), WeightsError{-1, 0, true, `this is a web page, not weights: the server sent "<html lang='de'>` + strings.Repeat("ü ", 22) + `…". Fetch the file from another address`}},
		{"Latin-1 web page", []byte("<p>caf\xe9</p>"), WeightsError{-1, 0, true, `this is a web page, not weights: the server sent "<p>caf?</p>". Fetch the file from another address`}},
		{"text", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:123\n"), WeightsError{-1, 0, false, `this is text, not weights: it begins with "version https://git-lfs.github.com/spec/v1 oid sha256:123"`}},
		{"long text", []byte(strings.Repeat("a€", 999)), WeightsError{-1, 0, false, `this is text, not weights: it begins with "` + strings.Repeat("a€", 30) + `…"`}},
	}
	for _, test := range tests {
		w, err := readBoth(t, test.data, c)
		var typed *WeightsError
		if w != nil || !errors.As(err, &typed) || *typed != test.error || err.Error() != "Darknet weights: "+test.error.Reason {
			t.Errorf("%s: error\n%+v, want\n%+v", test.name, err, test.error)
		}
	}

	none, err := ParseConfig(strings.NewReader("[net]\nwidth=8\nheight=8\nchannels=1\n[dropout]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readBoth(t, file(0, 2, 8, 0), none); err != nil {
		t.Error(err)
	}
	const want = "Darknet weights: 1 numbers are left over after the header, and the network has no weights: the weights are another network's, or the end of the configuration is missing"
	if _, err := readBoth(t, file(0, 2, 8, 1), none); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}

	broken := errors.New("broken")
	for n := range 20 + 4*15 + 1 {
		r := io.MultiReader(bytes.NewReader(file(0, 2, 8, 15)[:n]), iotest.ErrReader(broken))
		if _, err := Read(r, c); err != broken {
			t.Errorf("broken after %d bytes: error %v", n, err)
		}
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestReadWithoutEnd(t *testing.T) {
	const want = "Darknet weights: at least 268,435,456 numbers are left over after layer 2, the last of the network with any: the weights are another network's, or the end of the configuration is missing"
	if _, err := Read(zeros{}, tinyConfig(t)); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// What a configuration announces must not cost memory before it is there.
func TestReadMemory(t *testing.T) {
	c, err := ParseConfig(strings.NewReader("[net]\nwidth=8\nheight=4\nchannels=60000\n[convolutional]\nfilters=10000\n"))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Read(bytes.NewReader(file(0, 2, 8, 10001)), c); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

// Tensors larger than one piece are put together, with no memory to spare.
func TestReadLarge(t *testing.T) {
	c, err := ParseConfig(strings.NewReader("[net]\nwidth=8\nheight=4\nchannels=1000\n[convolutional]\nfilters=333\n"))
	if err != nil {
		t.Fatal(err)
	}
	data := file(0, 2, 8, c.Parameters())
	w, err := readBoth(t, data, c)
	if err != nil {
		t.Fatal(err)
	}
	if kernel := w.Layers[0].Kernel; cap(kernel) != 333000 || kernel[332999] != 333332 || !bytes.Equal(written(t, w, c), data) {
		t.Errorf("a kernel of %d, capacity %d", len(kernel), cap(kernel))
	}
}

func TestOpen(t *testing.T) {
	c := tinyConfig(t)
	path := filepath.Join(t.TempDir(), "tiny.weights")
	data := file(0, 2, 8, 15)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	w, err := Open(path, c)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written(t, w, c), data) {
		t.Error("what was opened is not what was written")
	}
	w.Layers[0].Biases = append(w.Layers[0].Biases, 7) // must not run into what lies behind it
	if w.Layers[0].Scales[0] != 1 {
		t.Error("appending to the biases has changed the scales")
	}
	w.Layers[0].Kernel[0] = 99 // in this process only
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, data) {
		t.Error("the file has changed", err)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil || w.Layers != nil {
		t.Error(w.Layers, err)
	}

	for _, n := range []int{0, 11, 40} {
		if err := os.WriteFile(path, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		var typed *WeightsError
		if w, err := Open(path, c); w != nil || !errors.As(err, &typed) || !strings.HasPrefix(err.Error(), path+": Darknet weights: ") {
			t.Errorf("%d bytes: %v, %v", n, w, err)
		}
	}
	if _, err := Open(path+".absent", c); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open(t.TempDir(), c); err == nil {
		t.Error("a folder was opened")
	}
}

func TestWriteErrors(t *testing.T) {
	c := tinyConfig(t)
	for _, test := range []struct {
		change func(*Weights)
		err    string
	}{
		{func(w *Weights) { w.Layers = w.Layers[1:] }, "there are weights for 3 layers, and the network has 4"},
		{func(w *Weights) { w.Layers[0].Kernel = w.Layers[0].Kernel[1:] }, "layer 0 [convolutional] has 7 numbers as kernel, and 6 were given"},
		{func(w *Weights) { w.Layers[2].Means = make([]float32, 2) }, "layer 2 [convolutional] has 0 numbers as means, and 2 were given"},
		{func(w *Weights) { w.Layers[3].Biases = make([]float32, 1) }, "layer 3 [dropout] has 0 numbers as biases, and 1 were given"},
		{func(w *Weights) { w.Minor = 1 }, "version 0.1 has 4 bytes for the number of pictures seen, and 21542142465 takes 8: choose version 0.2"},
	} {
		w, err := Read(bytes.NewReader(file(0, 2, 8, 15)), c)
		if err != nil {
			t.Fatal(err)
		}
		test.change(w)
		var typed *WeightsError
		if err := Write(io.Discard, c, w); !errors.As(err, &typed) || typed.Reason != test.err {
			t.Errorf("error %v, want %s", err, test.err)
		}
	}
	w, err := Read(bytes.NewReader(file(0, 2, 8, 15)), c)
	if err != nil {
		t.Fatal(err)
	}
	reader, writer := io.Pipe()
	reader.Close()
	if err := Write(writer, c, w); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

// Real weights lie where they should: variances are positive, and the file is whole.
func TestSharedWeights(t *testing.T) {
	c := sharedConfig(t, "yolo-fastest-1.1.cfg")
	path := shared(t, "yolo-fastest-1.1.weights")
	w, err := Open(path, c)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i, l := range w.Layers {
		for _, v := range l.Variances {
			if !(v >= 0 && v < 1e4) {
				t.Fatalf("layer %d has a variance of %v", i, v)
			}
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(bytes.NewReader(data), c)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written(t, w, c), data) || !bytes.Equal(written(t, read, c), data) {
		t.Error("written again, it is another file")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(0, 2, 8, 15))
	f.Add(file(0, 1, 4, 15))
	f.Add(file(1000, 0, 4, 14))
	f.Add(file(0, 2, 8, 16))
	f.Add([]byte("<html>"))
	c := tinyConfig(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := readBoth(t, data, c)
		var typed *WeightsError
		switch {
		case err == nil:
			if !bytes.Equal(written(t, w, c), data) {
				t.Error("written again, it is another file")
			}
		case w != nil || !errors.As(err, &typed):
			t.Error(w, err)
		}
	})
}
