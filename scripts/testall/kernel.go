package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// kernel runs Jupyter's own tests of kernels on ours, and on GoNB as it comes beside it; then ours is loaded heavily, and
// its parts are killed; a notebook goes through Jupyter's clients; and GoNB's own notebooks go through both kernels. All
// have to pass on ours.
func kernel(ctx context.Context, _ *report) error {
	const lock = "kernel/requirements-test.txt"
	folder, err := filepath.Abs(".lab/kerneltest")
	if err != nil {
		return err
	}
	python := filepath.Join(folder, "bin", "python")
	want, err := os.ReadFile(lock)
	if err != nil {
		return err
	}
	installed := filepath.Join(folder, "requirements.txt")
	if have, err := os.ReadFile(installed); err != nil || string(have) != string(want) {
		fmt.Println("  installing jupyter_kernel_test …")
		for _, args := range [][]string{{".lab/venv/bin/python", "-m", "venv", "--clear", folder},
			{python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", lock}} {
			if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
				return fmt.Errorf("jupyter_kernel_test cannot be installed: %w\n%s", err, out)
			}
		}
		if err := os.WriteFile(installed, want, 0o644); err != nil {
			return err
		}
	}
	kernels := map[string]string{}
	for name, flags := range map[string][]string{"ours": nil, "stock": {"--stock"}} {
		prefix := filepath.Join(folder, name)
		install := exec.CommandContext(ctx, ".lab/bin/gopherlens-kernel", append([]string{"install", "--prefix", prefix}, flags...)...)
		if out, err := install.CombinedOutput(); err != nil {
			return fmt.Errorf("the kernel cannot be installed for the tests: %w\n%s", err, out)
		}
		kernels[name] = filepath.Join(prefix, "share", "jupyter")
	}
	ours, stock := kernels["ours"], kernels["stock"]
	var failures []error
	for _, args := range [][]string{
		{"conformance.py", "ours=" + ours, "stock=" + stock},
		{"loads.py", ours},
		{"clients.py", ours},
		{"notebooks.py", ours, stock},
	} {
		cmd := exec.CommandContext(ctx, python, append([]string{filepath.Join("kernel/conformance", args[0])}, args[1:]...)...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", args[0], err))
		}
	}
	return errors.Join(failures...)
}
