#!/bin/sh
echo {{.mac}}
