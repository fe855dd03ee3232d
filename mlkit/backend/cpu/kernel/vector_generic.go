package kernel

import "math"

func binaryGeneric(op int, dst, a, b []float32) {
	switch op {
	case opAdd:
		for i := range dst {
			dst[i] = a[i] + b[i]
		}
	case opSub:
		for i := range dst {
			dst[i] = a[i] - b[i]
		}
	case opMul:
		for i := range dst {
			dst[i] = a[i] * b[i]
		}
	case opDiv:
		for i := range dst {
			dst[i] = a[i] / b[i]
		}
	case opMax:
		for i := range dst {
			dst[i] = max(a[i], b[i])
		}
	case opMin:
		for i := range dst {
			dst[i] = min(a[i], b[i])
		}
	}
}

func scalarGeneric(op int, dst, a []float32, s float32) {
	switch op {
	case opSubScalar:
		for i := range dst {
			dst[i] = a[i] - s
		}
	case opMulScalar:
		for i := range dst {
			dst[i] = a[i] * s
		}
	case opMaxScalar:
		for i := range dst {
			dst[i] = max(a[i], s)
		}
	}
}

func unaryGeneric(op int, dst, a []float32) {
	switch op {
	case opNeg:
		for i := range dst {
			dst[i] = -a[i]
		}
	case opAbs:
		for i := range dst {
			dst[i] = float32(math.Abs(float64(a[i])))
		}
	case opSqrt:
		for i := range dst {
			dst[i] = float32(math.Sqrt(float64(a[i])))
		}
	case opRsqrt:
		for i := range dst {
			dst[i] = 1 / float32(math.Sqrt(float64(a[i])))
		}
	default:
		f := through64[op]
		for i := range dst {
			dst[i] = float32(f(float64(a[i])))
		}
	}
}

// through64 are the functions that portable Go computes in float64.
var through64 = [unaryOps]func(float64) float64{
	opFloor: math.Floor,
	opCeil:  math.Ceil,
	opRound: math.RoundToEven,
	opExp:   math.Exp,
	opLog:   math.Log,
	opTanh:  math.Tanh,
	opLogistic: func(x float64) float64 {
		return 1 / (1 + math.Exp(-x))
	},
	opErf: math.Erf,
}

func adamGeneric(w, m, v, g []float32, alpha, rest1, rest2, epsilon float32) {
	for i, x := range g {
		m[i] += (x - m[i]) * rest1
		v[i] += (x*x - v[i]) * rest2
		w[i] -= alpha * m[i] / (float32(math.Sqrt(float64(v[i]))) + epsilon)
	}
}
