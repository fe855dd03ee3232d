package exercise

import (
	"fmt"
	"math"
)

func init() {
	const input, hint = 12, "Write the line's sum, with 12 where the x stands: 0.45 * 12 + 8."
	Register(Exercise{"predict 12", []Rule{
		{"it is a number with decimals", func(answer any) string {
			if _, ok := answer.(float64); !ok {
				return fmt.Sprintf("yours is %v", answer)
			}
			return ""
		}, hint},
		{"it is what the line says for 12", func(answer any) string {
			if got := answer.(float64); math.Abs(got-(0.45*input+8)) > 1e-6 {
				return fmt.Sprintf("yours is %.4g", got)
			}
			return ""
		}, hint},
	}})
}
