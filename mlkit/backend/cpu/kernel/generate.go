package kernel

//go:generate sh -c "cd asm && go run . .."
