// Kerasvet vets Keras model files without loading them.
package main

import "os"

func main() {
	os.Exit((&command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv}).run(os.Args[1:]))
}
