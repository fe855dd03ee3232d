package darknet

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Weights is what a network has learnt.
type Weights struct {
	// The version of the format. From 0.2 on, Seen takes 8 bytes of the file and not 4.
	Major, Minor, Revision int32
	Seen                   uint64        // how many pictures the network has been trained with
	Layers                 []ConvWeights // as many as Config.Layers; empty where there is no convolution

	unmap func() error
}

// ConvWeights is what a convolution has learnt. With batch normalization it gives
// Scales·(x − Means) / √(Variances + ε) + Biases, where x is what the kernel gives; Darknet's ε is 10⁻⁵.
type ConvWeights struct {
	Biases                   []float32 // [filters]
	Scales, Means, Variances []float32 // [filters]; nil without batch normalization
	Kernel                   []float32 // [filters, channels/groups, size, size]
}

// tensors are the fields, in the order of the file.
func (w *ConvWeights) tensors() [5]*[]float32 {
	return [5]*[]float32{&w.Biases, &w.Scales, &w.Means, &w.Variances, &w.Kernel}
}

// A WeightsError says what is wrong with weights.
type WeightsError struct {
	Layer int // that it is about, from 0; -1 if it is about none
	// Numbers is how many the file has too many or, negative, too few.
	Numbers int
	WebPage bool // the file is a page that a server sent in place of the weights
	Reason  string
}

func (e *WeightsError) Error() string { return "Darknet weights: " + e.Reason }

// Open reads a file of weights. Where the system can, it maps the file into memory: then opening takes no time,
// and only what is used is read. What is written to the slices stays in this process. They must not be used after
// Close, nor when another program has cut the file short; one that replaces the file, as mlkit/fetch does, is no
// harm. An error is a *WeightsError with the path before it, or one of the system.
func Open(path string, c *Config) (*Weights, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var w *Weights
	if data, unmap, mapErr := mapFile(file); mapErr == nil {
		if w, err = place(data, c); err != nil {
			unmap()
		} else {
			w.unmap = unmap
		}
	} else {
		w, err = Read(file, c)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

// Close gives back the memory of weights that Open has mapped, and empties Layers.
func (w *Weights) Close() error {
	w.Layers = nil
	unmap := w.unmap
	if w.unmap = nil; unmap == nil {
		return nil
	}
	return unmap()
}

// place finds the weights in a file that lies in memory, at an address that a multiple of 4 divides.
func place(data []byte, c *Config) (*Weights, error) {
	if err := notText(data[:min(len(data), textLength)]); err != nil {
		return nil, err
	}
	w, err := readHeader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	data = data[w.headerSize():]
	if len(data)%4 != 0 || len(data)/4 != c.Parameters() {
		return nil, mismatch(c, int64(len(data)), false)
	}
	numbers := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(data))), c.Parameters())
	w.Layers = make([]ConvWeights, len(c.Layers))
	for i, l := range c.Layers {
		fields := w.Layers[i].tensors()
		for j, n := range l.sizes() {
			if n > 0 {
				*fields[j], numbers = numbers[:n:n], numbers[n:]
			}
		}
	}
	return w, nil
}

// Read reads weights of the network c, as ParseConfig gives it, to the end of r. It takes little more memory
// than twice what has really come. An error is a *WeightsError, or one of r.
func Read(r io.Reader, c *Config) (*Weights, error) {
	const buffer = 1 << 16 // no less than textLength
	buffered := bufio.NewReaderSize(r, buffer)
	start, err := buffered.Peek(textLength)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err := notText(start); err != nil {
		return nil, err
	}
	w, err := readHeader(buffered)
	if err != nil {
		return nil, err
	}
	w.Layers = make([]ConvWeights, len(c.Layers))
	have, scratch := int64(0), make([]byte, buffer)
	for i, l := range c.Layers {
		fields := w.Layers[i].tensors()
		for j, n := range l.sizes() {
			var values []float32
			for len(values) < n {
				if len(values) == cap(values) { // what is announced must not cost memory before it is there
					values = append(make([]float32, 0, min(n, max(buffer, 2*len(values)))), values...)
				}
				k, err := io.ReadFull(buffered, scratch[:min(len(scratch), 4*(cap(values)-len(values)))])
				have += int64(k)
				if err == io.EOF || err == io.ErrUnexpectedEOF {
					return nil, mismatch(c, have, false)
				}
				if err != nil {
					return nil, err
				}
				for at := 0; at < k; at += 4 {
					values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(scratch[at:])))
				}
			}
			*fields[j] = values
		}
	}
	const most = 1 << 30 // enough to tell how much is left over; the stream may have no end
	switch rest, err := io.Copy(io.Discard, io.LimitReader(buffered, most)); {
	case err != nil:
		return nil, err
	case rest > 0:
		return nil, mismatch(c, have+rest, rest == most)
	}
	return w, nil
}

// Check holds that the weights are the network's: as many of each kind as each layer has. The error is a *WeightsError.
func (w *Weights) Check(c *Config) error {
	if len(w.Layers) != len(c.Layers) {
		return &WeightsError{Layer: -1, Reason: fmt.Sprintf("there are weights for %d layers, and the network has %d", len(w.Layers), len(c.Layers))}
	}
	for i := range c.Layers {
		if err := w.CheckLayer(c, i); err != nil {
			return err
		}
	}
	return nil
}

// CheckLayer is Check for one layer alone.
func (w *Weights) CheckLayer(c *Config, i int) error {
	for j, n := range c.Layers[i].sizes() {
		if given := len(*w.Layers[i].tensors()[j]); given != n {
			return &WeightsError{Layer: i, Numbers: given - n,
				Reason: fmt.Sprintf("layer %d [%s] has %s numbers as %s, and %s were given", i, c.Layers[i].Kind.Name(), thousands(n), tensors[j], thousands(given))}
		}
	}
	return nil
}

// Write writes weights of the network c as a file that Darknet reads.
func Write(w io.Writer, c *Config, weights *Weights) error {
	if err := weights.Check(c); err != nil {
		return err
	}
	header := binary.LittleEndian.AppendUint32(nil, uint32(weights.Major))
	header = binary.LittleEndian.AppendUint32(header, uint32(weights.Minor))
	header = binary.LittleEndian.AppendUint32(header, uint32(weights.Revision))
	if weights.headerSize() == 20 {
		header = binary.LittleEndian.AppendUint64(header, weights.Seen)
	} else if weights.Seen > math.MaxUint32 {
		return &WeightsError{Layer: -1, Reason: fmt.Sprintf("version %d.%d has 4 bytes for the number of pictures seen, and %d takes 8: choose version 0.2", weights.Major, weights.Minor, weights.Seen)}
	} else {
		header = binary.LittleEndian.AppendUint32(header, uint32(weights.Seen))
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	buffered.Write(header)
	for i := range weights.Layers {
		for _, values := range weights.Layers[i].tensors() {
			for _, x := range *values {
				buffered.Write(binary.LittleEndian.AppendUint32(buffered.AvailableBuffer(), math.Float32bits(x)))
			}
		}
	}
	return buffered.Flush() // with the first error of all
}

// readHeader reads what stands before the numbers.
func readHeader(r io.Reader) (*Weights, error) {
	var b [20]byte
	w := &Weights{}
	if _, err := io.ReadFull(r, b[:12]); err != nil {
		return nil, inHeader(err)
	}
	w.Major = int32(binary.LittleEndian.Uint32(b[0:]))
	w.Minor = int32(binary.LittleEndian.Uint32(b[4:]))
	w.Revision = int32(binary.LittleEndian.Uint32(b[8:]))
	if _, err := io.ReadFull(r, b[12:w.headerSize()]); err != nil {
		return nil, inHeader(err)
	}
	w.Seen = binary.LittleEndian.Uint64(b[12:]) // its upper half is 0 if it has 4 bytes
	return w, nil
}

// inHeader is an error while the header was read.
func inHeader(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &WeightsError{Layer: -1, Reason: "the file ends within its header, before any weights; the download must have broken off"}
	}
	return err
}

// headerSize is how many bytes stand before the numbers. Source: Darknet, load_weights_upto in src/parser.c.
func (w *Weights) headerSize() int {
	if w.Major < 1000 && w.Minor < 1000 && 10*int64(w.Major)+int64(w.Minor) >= 2 {
		return 20
	}
	return 16
}

// mismatch says how a file with so many bytes after its header differs from what the network needs.
func mismatch(c *Config, bytes int64, orMore bool) error {
	have, needed := int(bytes/4), c.Parameters()
	e := &WeightsError{Layer: -1, Numbers: have - needed}
	if have < needed {
		for i, l := range c.Layers {
			for j, n := range l.sizes() {
				if have < n {
					e.Layer = i
					e.Reason = fmt.Sprintf("%s of the network's %s numbers are missing, from the %s of layer %d on: the download broke off, or the weights are another network's",
						thousands(-e.Numbers), thousands(needed), tensors[j], i)
					return e
				}
				have -= n
			}
		}
	}
	amount := thousands(e.Numbers) + " numbers"
	if rest := bytes % 4; rest != 0 {
		amount += fmt.Sprintf(" and %d bytes", rest)
	}
	if orMore {
		amount = "at least " + amount
	}
	after := "the header, and the network has no weights"
	for i, l := range c.Layers {
		if l.Parameters() > 0 {
			e.Layer = i
			after = fmt.Sprintf("layer %d, the last of the network with any", i)
		}
	}
	e.Reason = fmt.Sprintf("%s are left over after %s: the weights are another network's, or the end of the configuration is missing", amount, after)
	return e
}

// textLength is how many bytes tell whether a file is text.
const textLength = 512

// notText is an error if a file that begins like this is text. Weights have zeros among their first bytes.
func notText(start []byte) error {
	if len(start) == 0 {
		return &WeightsError{Layer: -1, Reason: "the file is empty"}
	}
	if bytes.ContainsFunc(start, func(r rune) bool { return r < ' ' && !unicode.IsSpace(r) }) {
		return nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\ufeff"))), []byte("<")) {
		return &WeightsError{Layer: -1, WebPage: true,
			Reason: "this is a web page, not weights: the server sent " + quote(webTitle(start)) + ". Fetch the file from another address"}
	}
	for len(start) > textLength-utf8.UTFMax && !utf8.Valid(start) { // a character cut in two
		start = start[:len(start)-1]
	}
	if !utf8.Valid(start) {
		return nil
	}
	return &WeightsError{Layer: -1, Reason: "this is text, not weights: it begins with " + quote(webTitle(start))}
}

// errCannotMap has the file read instead.
var errCannotMap = errors.New("the file cannot be mapped")
