"""An Athena on this machine: moto's S3, Glue and Athena API, run by a real Trino.

See README.md beside this file for what is real and what is emulated.
"""
