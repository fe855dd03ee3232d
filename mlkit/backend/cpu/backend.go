package cpu

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// Name is what the backend is registered as: GOMLX_BACKEND=cpu chooses it.
const Name = "cpu"

func init() { compute.Register(Name, New) }

// Backend is a compute.Backend for CPUs.
type Backend struct {
	stock     compute.Backend // knows every operation, and computes what has no kernel here
	pool      *pool
	finalized atomic.Bool

	mu   sync.Mutex
	free map[int][][]byte // memory of finalized buffers, by size, for the next ones
	kept int              // bytes in free

	packed atomic.Int64 // bytes that keepers keep
}

// New makes a backend. It takes no configuration.
func New(config string) (compute.Backend, error) {
	if config != "" {
		return nil, errors.Errorf("backend %q takes no configuration, got %q", Name, config)
	}
	if err := kernel.Err(); err != nil {
		return nil, err
	}
	// One operation at a time: with several, its panics are on goroutines of its own, where nobody can catch them.
	stock, err := gobackend.New("ops_sequential")
	if err != nil {
		return nil, err
	}
	return &Backend{stock: stock, pool: newPool(runtime.GOMAXPROCS(0)), free: map[int][][]byte{}}, nil
}

func (b *Backend) Name() string   { return Name }
func (b *Backend) String() string { return Name }
func (b *Backend) Description() string {
	return fmt.Sprintf("Gopherlens CPU backend (%s kernels, %d threads)", kernel.Active(), b.pool.size())
}
func (b *Backend) NumDevices() int                            { return 1 }
func (b *Backend) DeviceDescription(compute.DeviceNum) string { return "CPU, " + runtime.GOARCH }
func (b *Backend) HasSharedBuffers() bool                     { return true }
func (b *Backend) IsFinalized() bool                          { return b.finalized.Load() }

// Capabilities are the stock backend's, except that weights stay parameters: a graph that froze them
// would go on computing with the weights of its first run.
func (b *Backend) Capabilities() compute.Capabilities {
	c := b.stock.Capabilities().Clone()
	c.PreferConstantsForVariables = false
	return c
}

// Finalize ends the backend's goroutines and lets go of its memory.
func (b *Backend) Finalize() {
	if b.finalized.Swap(true) {
		return
	}
	b.pool.close()
	b.stock.Finalize()
	b.mu.Lock()
	b.free, b.kept = nil, 0
	b.mu.Unlock()
}

// Buffer is a tensor in the backend's memory: a Go slice of its elements, row by row.
type Buffer struct {
	backend *Backend
	shape   shapes.Shape
	raw     []byte
	flat    any
	content uint64 // its number, or 0 if it may change: somebody has the slice. Atomic
}

// keepFree bounds the memory that waits for the next buffers, in bytes.
const keepFree = 256 << 20

// newBuffer makes a buffer whose elements are not set.
func (b *Backend) newBuffer(shape shapes.Shape) (Buffer, error) {
	if b.IsFinalized() {
		return Buffer{}, errors.Errorf("backend %q is finalized", Name)
	}
	n := shape.ByteSize()
	var raw []byte
	b.mu.Lock()
	if list := b.free[int(n)]; len(list) > 0 {
		raw, list[len(list)-1] = list[len(list)-1], nil
		b.free[int(n)] = list[:len(list)-1]
		b.kept -= int(n)
	}
	b.mu.Unlock()
	if raw == nil {
		raw = alignedBytes(int(n))
	}
	flat, err := flatOf(shape, raw)
	if err != nil {
		return Buffer{}, err
	}
	return Buffer{b, shape, raw, flat, contents.Add(1)}, nil
}

// flatOf is a typed slice over raw memory.
func flatOf(shape shapes.Shape, raw []byte) (any, error) {
	if shape.DType.IsPacked() {
		return raw, nil
	}
	if len(raw) == 0 {
		return dtypes.MakeAnySlice(shape.DType, 0), nil
	}
	flat := dtypes.UnsafeAnySliceFromBytes(unsafe.Pointer(&raw[0]), shape.DType, shape.Size())
	if flat == nil {
		return nil, errors.Errorf("backend %q has no buffers of type %s", Name, shape.DType)
	}
	return flat, nil
}

// bytesOf is the memory of a flat slice.
func bytesOf(flat any) []byte {
	if b, ok := flat.([]byte); ok {
		return b
	}
	return dtypes.UnsafeByteSliceFromAny(flat)
}

// copyFlat copies between flat slices of one type.
func copyFlat(dst, src any) error {
	if reflect.TypeOf(dst) != reflect.TypeOf(src) {
		return errors.Errorf("the elements are %T, the slice given is %T", dst, src)
	}
	to, from := bytesOf(dst), bytesOf(src)
	if len(to) != len(from) {
		return errors.Errorf("%d bytes of elements, and a slice of %d bytes", len(to), len(from))
	}
	copy(to, from)
	return nil
}

// alignedBytes makes zeroed memory that begins at a multiple of 64 bytes, as the widest vectors like it, and at one of
// 2 MiB, a huge page, where it is large.
func alignedBytes(n int) []byte {
	if n == 0 {
		return []byte{}
	}
	align := 64
	if n >= 4<<20 {
		align = 2 << 20
	}
	raw := make([]byte, n+align-1)
	skip := int(-uintptr(unsafe.Pointer(&raw[0])) & uintptr(align-1))
	raw = raw[skip : skip+n : skip+n]
	hugePages(raw)
	return raw
}

func (b *Backend) device(n compute.DeviceNum) error {
	if n != 0 {
		return errors.Errorf("backend %q has device 0 only, got %d", Name, n)
	}
	return nil
}

func (b *Backend) BufferFromFlatData(n compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	if err := b.device(n); err != nil {
		return nil, err
	}
	buf, err := b.newBuffer(shape.Clone())
	if err != nil {
		return nil, err
	}
	if err := copyFlat(buf.flat, flat); err != nil {
		return nil, errors.WithMessagef(err, "buffer of shape %s", shape)
	}
	return &buf, nil
}

func (b *Backend) NewSharedBuffer(n compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	if err := b.device(n); err != nil {
		return nil, nil, err
	}
	buf, err := b.newBuffer(shape.Clone())
	if err != nil {
		return nil, nil, err
	}
	buf.content = 0
	return &buf, buf.flat, nil
}

func (x *Buffer) Backend() compute.Backend              { return x.backend }
func (x *Buffer) DeviceNum() (compute.DeviceNum, error) { return 0, nil }
func (x *Buffer) CopyToDevice(compute.DeviceNum) (compute.Buffer, error) {
	return nil, errors.Errorf("backend %q has one device", Name)
}

func (x *Buffer) Shape() (shapes.Shape, error) {
	if x.raw == nil && x.flat == nil {
		return shapes.Invalid(), errors.New("this buffer is finalized")
	}
	return x.shape, nil
}

func (x *Buffer) Data() (any, error) {
	if err := x.check(); err != nil {
		return nil, err
	}
	atomic.StoreUint64(&x.content, 0)
	return x.flat, nil
}

func (x *Buffer) ToFlatData(flat any) error {
	if err := x.check(); err != nil {
		return err
	}
	return copyFlat(flat, x.flat)
}

func (x *Buffer) check() error {
	if x.backend.IsFinalized() || x.flat == nil {
		return errors.New("this buffer, or its backend, is finalized")
	}
	return nil
}

// Finalize gives the buffer's memory back. That of a donated buffer is given already: then it does nothing.
func (x *Buffer) Finalize() error {
	if x.flat == nil {
		return nil
	}
	raw, b := x.raw, x.backend
	x.raw, x.flat = nil, nil
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(raw); b.free != nil && n > 0 && b.kept+n <= keepFree {
		b.free[n] = append(b.free[n], raw)
		b.kept += n
	}
	return nil
}
