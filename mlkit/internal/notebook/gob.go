package notebook

import (
	"bufio"
	"io"
	"math/bits"
	"slices"
)

// GoNB and a cell's program exchange the messages of github.com/janpfeifer/gonb/gonbui/protocol, as
// the gobs that encoding/gob describes under "Encoding Details". Two kinds of message are all that is
// needed here. They are written by hand because encoding/gob would cost every cell 20 ms of linking,
// and because types registered with it under the protocol's names would forbid a cell to use gonbui.

// The types of the messages, by the numbers they are given here, and gob's own ones that they use.
const gobInt, gobString, gobInterface = 2, 6, 8

const (
	displayData = 65 + iota
	displayForms
	commValue
)

// gobTypes defines the types of the messages: it has to be sent before the first of them.
var gobTypes = slices.Concat(
	defineStruct(displayData, "DisplayData", field{"Data", displayForms}, field{"DisplayID", gobString}),
	message(wire{}.int(-displayForms).
		uint(4).                         // a map type, which has
		uint(1).                         // what all types have,
		uint(2).int(displayForms).end(). // but no name,
		uint(1).int(gobString).          // keys
		uint(1).int(gobInterface).       // and elements
		end().end()),
	defineStruct(commValue, "CommValue", field{"Address", gobString}, field{"Value", gobInterface}),
)

type field struct {
	name    string
	gobType int
}

func defineStruct(id int, name string, fields ...field) wire {
	g := wire{}.int(-id).
		uint(3).                                    // a struct type, which has
		uint(1).                                    // what all types have:
		uint(1).string(name).uint(1).int(id).end(). // a name and a number,
		uint(1).uint(len(fields))                   // and fields
	for _, f := range fields {
		g = g.uint(1).string(f.name).uint(1).int(f.gobType).end()
	}
	return message(g.end().end())
}

// displayMessage shows an output. The first message with a displayID makes an output, the later ones
// change it.
func displayMessage(o Output, displayID string) wire {
	forms := append([]Form{{"text/plain", o.Text}}, o.Forms...)
	if o.HTML != "" {
		forms = append(forms, Form{"text/html", o.HTML})
	}
	g := wire{}.int(displayData).uint(1).uint(len(forms))
	for _, form := range forms {
		value := wire{}.uint(0).string(form.Content)
		g = append(g.string(form.MIME).string("string").int(gobString).uint(len(value)), value...)
	}
	if displayID != "" {
		g = g.uint(1).string(displayID)
	}
	return message(g.end())
}

const ackAddress = "#gonbui/sync_ack"

// syncMessage asks for a message from ackAddress as soon as all that was sent before is dealt with.
func syncMessage() wire {
	number := wire{}.uint(0).int(1)
	value := wire{}.uint(1).string("#gonbui/sync").
		uint(1).string("int").int(gobInt).uint(len(number))
	value = append(value, number...).end()
	g := wire{}.int(displayData).uint(1).uint(1).string("gonb/comm_value").
		string("github.com/janpfeifer/gonb/gonbui/protocol.CommValue").int(commValue).uint(len(value))
	return message(append(g, value...).end())
}

// wire is a gob as it grows. A struct is, for each field that is not zero, the distance from the last
// such field and the field's value, and then an end; a value in an interface is the name of its type,
// the type's number, its size and, if it is no struct, a zero before it.
type wire []byte

func (g wire) uint(u int) wire {
	if u < 128 {
		return append(g, byte(u))
	}
	size := (bits.Len(uint(u)) + 7) / 8
	g = append(g, byte(-size))
	for ; size > 0; size-- {
		g = append(g, byte(u>>(8*(size-1))))
	}
	return g
}

func (g wire) int(i int) wire {
	if i < 0 {
		return g.uint(^i<<1 | 1)
	}
	return g.uint(i << 1)
}

func (g wire) string(s string) wire { return append(g.uint(len(s)), s...) }

func (g wire) end() wire { return append(g, 0) }

// message makes a gob a message: its size stands before it.
func message(g wire) wire { return append(wire{}.uint(len(g)), g...) }

// readMessage reads one message, without its size. None that the kernel sends is long: a long one is
// an error.
func readMessage(r *bufio.Reader) ([]byte, error) {
	first, err := r.ReadByte()
	size := int(first)
	if first >= 128 {
		size = 0
		for range -int8(first) {
			var b byte
			if b, err = r.ReadByte(); err != nil {
				break
			}
			size = size<<8 | int(b)
		}
	}
	if err != nil {
		return nil, err
	}
	if size < 0 || size > 1<<20 {
		return nil, io.ErrShortBuffer
	}
	data := make([]byte, size)
	_, err = io.ReadFull(r, data)
	return data, err
}
