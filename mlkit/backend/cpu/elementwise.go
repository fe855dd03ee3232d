package cpu

import (
	"math"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// A vector computes n elements of a result from n elements of up to three operands. The result may lie
// where an operand of the same size does.
type vector func(dst, a, b, c unsafe.Pointer, n int)

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}
type float interface{ float32 | float64 }
type number interface{ integer | float }

// elementwise is the kernel of a node that computes each element of its result from the operands' elements
// at the same place, or nil where there is none: then the node is computed otherwise.
func elementwise(n *node) vector {
	if len(n.out) != 1 || n.out[0].shape.Rank() > 16 || !wide(n.out[0].shape.DType) || len(n.in) == 0 || len(n.in) > 3 {
		return nil
	}
	for _, v := range n.in {
		if v == nil || !wide(v.shape.DType) || v.shape.Size() == 0 && n.out[0].shape.Size() > 0 {
			return nil
		}
	}
	in, out := n.in[0].shape.DType, n.out[0].shape.DType
	switch n.op {
	case compute.OpTypeWhere:
		if d := n.in[1].shape.DType.Size(); n.in[0].shape.DType == dtypes.Bool {
			return bySize(d, where[uint8], where[uint16], select32, where[uint64])
		}
		return nil
	case compute.OpTypeConvertDType:
		return convert(in, out)
	case compute.OpTypeFusedActivation:
		return activation(n.attrs[0].(compute.ActivationConfig), in)
	case opReluGrad:
		return vector2(kernel.ReLUGrad)
	case compute.OpTypeLogicalAnd:
		return map2(func(a, b bool) bool { return a && b })
	case compute.OpTypeLogicalOr:
		return map2(func(a, b bool) bool { return a || b })
	case compute.OpTypeLogicalXor:
		return map2(func(a, b bool) bool { return a != b })
	case compute.OpTypeLogicalNot:
		return map1(func(a bool) bool { return !a })
	}
	switch in {
	case dtypes.Float32:
		if v := vector32(n.op); v != nil {
			return v
		}
		return floats[float32](n.op)
	case dtypes.Float64:
		return floats[float64](n.op)
	case dtypes.Int8:
		return integers[int8](n.op)
	case dtypes.Int16:
		return integers[int16](n.op)
	case dtypes.Int32:
		return integers[int32](n.op)
	case dtypes.Int64:
		return integers[int64](n.op)
	case dtypes.Uint8:
		return integers[uint8](n.op)
	case dtypes.Uint16:
		return integers[uint16](n.op)
	case dtypes.Uint32:
		return integers[uint32](n.op)
	case dtypes.Uint64:
		return integers[uint64](n.op)
	}
	return nil
}

func view[T any](p unsafe.Pointer, n int) []T { return unsafe.Slice((*T)(p), n) }

func map1[A, R any](f func(A) R) vector {
	return func(dst, a, _, _ unsafe.Pointer, n int) {
		d, x := view[R](dst, n), view[A](a, n)
		for i, v := range x {
			d[i] = f(v)
		}
	}
}

func map2[A, R any](f func(a, b A) R) vector {
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		d, x, y := view[R](dst, n), view[A](a, n), view[A](b, n)
		for i, v := range x {
			d[i] = f(v, y[i])
		}
	}
}

func where[T any](dst, a, b, c unsafe.Pointer, n int) {
	d, cond, yes, no := view[T](dst, n), view[bool](a, n), view[T](b, n), view[T](c, n)
	for i := range d {
		if cond[i] {
			d[i] = yes[i]
		} else {
			d[i] = no[i]
		}
	}
}

// bySize chooses among kernels that only move elements.
func bySize(size int, by1, by2, by4, by8 vector) vector {
	switch size {
	case 1:
		return by1
	case 2:
		return by2
	case 4:
		return by4
	case 8:
		return by8
	}
	return nil
}

// numbers are the kernels that whole and decimal numbers share.
func numbers[T number](op compute.OpType) vector {
	switch op {
	case compute.OpTypeAdd:
		return map2(func(a, b T) T { return a + b })
	case compute.OpTypeSub:
		return map2(func(a, b T) T { return a - b })
	case compute.OpTypeMul:
		return map2(func(a, b T) T { return a * b })
	case compute.OpTypeMax:
		return map2(func(a, b T) T { return max(a, b) })
	case compute.OpTypeMin:
		return map2(func(a, b T) T { return min(a, b) })
	case compute.OpTypeEqual:
		return map2(func(a, b T) bool { return a == b })
	case compute.OpTypeNotEqual:
		return map2(func(a, b T) bool { return a != b })
	case compute.OpTypeLessThan:
		return map2(func(a, b T) bool { return a < b })
	case compute.OpTypeLessOrEqual:
		return map2(func(a, b T) bool { return a <= b })
	case compute.OpTypeGreaterThan:
		return map2(func(a, b T) bool { return a > b })
	case compute.OpTypeGreaterOrEqual:
		return map2(func(a, b T) bool { return a >= b })
	}
	return nil
}

// integers leaves division, powers and signs to the stock backend: none is hot, and each has its corners.
func integers[T integer](op compute.OpType) vector {
	switch op {
	case compute.OpTypeBitwiseAnd:
		return map2(func(a, b T) T { return a & b })
	case compute.OpTypeBitwiseOr:
		return map2(func(a, b T) T { return a | b })
	case compute.OpTypeBitwiseXor:
		return map2(func(a, b T) T { return a ^ b })
	case compute.OpTypeBitwiseNot:
		return map1(func(a T) T { return ^a })
	case compute.OpTypeShiftRightLogical:
		if ^T(0) > 0 { // unsigned
			return map2(func(a, b T) T { return a >> b })
		}
	case compute.OpTypeShiftLeft:
		if ^T(0) > 0 {
			return map2(func(a, b T) T { return a << b })
		}
	}
	return numbers[T](op)
}

func floats[T float](op compute.OpType) vector {
	by := func(f func(float64) float64) vector { return map1(func(a T) T { return T(f(float64(a))) }) }
	switch op {
	case compute.OpTypeDiv:
		return map2(func(a, b T) T { return a / b })
	case compute.OpTypePow:
		return map2(func(a, b T) T { return T(math.Pow(float64(a), float64(b))) })
	case compute.OpTypeRem:
		return map2(func(a, b T) T { return T(math.Mod(float64(a), float64(b))) })
	case compute.OpTypeNeg:
		return map1(func(a T) T { return -a })
	case compute.OpTypeSign:
		return map1(func(a T) T {
			switch {
			case a < 0:
				return -1
			case a > 0:
				return 1
			}
			return 0
		})
	case compute.OpTypeAbs:
		return by(math.Abs)
	case compute.OpTypeSqrt:
		return by(math.Sqrt)
	case compute.OpTypeRsqrt:
		return by(func(a float64) float64 { return 1 / math.Sqrt(a) })
	case compute.OpTypeExp:
		return by(math.Exp)
	case compute.OpTypeExpm1:
		return by(math.Expm1)
	case compute.OpTypeLog:
		return by(math.Log)
	case compute.OpTypeLog1p:
		return by(math.Log1p)
	case compute.OpTypeTanh:
		return by(math.Tanh)
	case compute.OpTypeLogistic:
		return by(func(a float64) float64 { return 1 / (1 + math.Exp(-a)) })
	case compute.OpTypeErf:
		return by(math.Erf)
	case compute.OpTypeSin:
		return by(math.Sin)
	case compute.OpTypeCos:
		return by(math.Cos)
	case compute.OpTypeFloor:
		return by(math.Floor)
	case compute.OpTypeCeil:
		return by(math.Ceil)
	case compute.OpTypeRound:
		return by(math.RoundToEven)
	case compute.OpTypeIsNaN:
		return map1(func(a T) bool { return a != a })
	case compute.OpTypeIsFinite:
		return map1(func(a T) bool { return a-a == 0 })
	}
	return numbers[T](op)
}

func convert(from, to dtypes.DType) vector {
	switch from {
	case dtypes.Bool:
		return convertBool(to)
	case dtypes.Float32:
		return convertFrom[float32](to)
	case dtypes.Float64:
		return convertFrom[float64](to)
	case dtypes.Int32:
		return convertFrom[int32](to)
	case dtypes.Int64:
		return convertFrom[int64](to)
	case dtypes.Uint8:
		return convertFrom[uint8](to)
	case dtypes.Uint32:
		return convertFrom[uint32](to)
	case dtypes.Uint64:
		return convertFrom[uint64](to)
	}
	return nil
}

func convertFrom[A number](to dtypes.DType) vector {
	switch to {
	case dtypes.Bool:
		return map1(func(a A) bool { return a != 0 })
	case dtypes.Float32:
		return map1(func(a A) float32 { return float32(a) })
	case dtypes.Float64:
		return map1(func(a A) float64 { return float64(a) })
	case dtypes.Int32:
		return map1(func(a A) int32 { return int32(a) })
	case dtypes.Int64:
		return map1(func(a A) int64 { return int64(a) })
	case dtypes.Uint8:
		return map1(func(a A) uint8 { return uint8(a) })
	case dtypes.Uint32:
		return map1(func(a A) uint32 { return uint32(a) })
	case dtypes.Uint64:
		return map1(func(a A) uint64 { return uint64(a) })
	}
	return nil
}

func convertBool(to dtypes.DType) vector {
	switch to {
	case dtypes.Float32:
		return map1(ifTrue[float32])
	case dtypes.Float64:
		return map1(ifTrue[float64])
	case dtypes.Int32:
		return map1(ifTrue[int32])
	case dtypes.Int64:
		return map1(ifTrue[int64])
	case dtypes.Uint8:
		return map1(ifTrue[uint8])
	case dtypes.Uint32:
		return map1(ifTrue[uint32])
	case dtypes.Uint64:
		return map1(ifTrue[uint64])
	}
	return nil
}

func ifTrue[T number](b bool) T {
	if b {
		return 1
	}
	return 0
}

func activation(cfg compute.ActivationConfig, d dtypes.DType) vector {
	if d != dtypes.Float32 {
		return nil
	}
	switch cfg.Type {
	case compute.ActivationRelu:
		return func(dst, a, _, _ unsafe.Pointer, n int) {
			kernel.MaxScalar(view[float32](dst, n), view[float32](a, n), 0)
		}
	case compute.ActivationTanh:
		return vector1(kernel.Tanh)
	case compute.ActivationSigmoid:
		return vector1(kernel.Logistic)
	}
	return nil
}

// vector32 are the kernels for float32 in assembly.
func vector32(op compute.OpType) vector {
	switch op {
	case compute.OpTypeAdd:
		return vector2(kernel.Add)
	case compute.OpTypeSub:
		return vector2(kernel.Sub)
	case compute.OpTypeMul:
		return vector2(kernel.Mul)
	case compute.OpTypeDiv:
		return vector2(kernel.Div)
	case compute.OpTypeMax:
		return vector2(kernel.Max)
	case compute.OpTypeMin:
		return vector2(kernel.Min)
	case compute.OpTypeNeg:
		return vector1(kernel.Neg)
	case compute.OpTypeAbs:
		return vector1(kernel.Abs)
	case compute.OpTypeSqrt:
		return vector1(kernel.Sqrt)
	case compute.OpTypeRsqrt:
		return vector1(kernel.Rsqrt)
	case compute.OpTypeExp:
		return vector1(kernel.Exp)
	case compute.OpTypeLog:
		return vector1(kernel.Log)
	case compute.OpTypeTanh:
		return vector1(kernel.Tanh)
	case compute.OpTypeLogistic:
		return vector1(kernel.Logistic)
	case compute.OpTypeErf:
		return vector1(kernel.Erf)
	case compute.OpTypeFloor:
		return vector1(kernel.Floor)
	case compute.OpTypeCeil:
		return vector1(kernel.Ceil)
	case compute.OpTypeRound:
		return vector1(kernel.Round)
	case compute.OpTypeEqual:
		return comparison(kernel.Equal)
	case compute.OpTypeNotEqual:
		return comparison(kernel.NotEqual)
	case compute.OpTypeLessThan:
		return comparison(kernel.Less)
	case compute.OpTypeLessOrEqual:
		return comparison(kernel.LessEqual)
	case compute.OpTypeGreaterThan:
		return comparison(kernel.Greater)
	case compute.OpTypeGreaterOrEqual:
		return comparison(kernel.GreaterEqual)
	}
	return nil
}

func vector1(f func(dst, a []float32)) vector {
	return func(dst, a, _, _ unsafe.Pointer, n int) { f(view[float32](dst, n), view[float32](a, n)) }
}

func vector2(f func(dst, a, b []float32)) vector {
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		f(view[float32](dst, n), view[float32](a, n), view[float32](b, n))
	}
}

func comparison(op kernel.Comparison) vector {
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		kernel.Compare(op, view[bool](dst, n), view[float32](a, n), view[float32](b, n))
	}
}

func select32(dst, a, b, c unsafe.Pointer, n int) {
	kernel.Select(view[float32](dst, n), view[bool](a, n), view[float32](b, n), view[float32](c, n))
}
