// Package figures reads tables of figures about units, and tables of places, out of the files that offices
// send. It finds which column is what by what is in it, and which unit each row is about: by code, then by
// name within the parent. What it does not know for sure it leaves to a person, and says why.
package figures
