"""Long work as plain generators: they yield `Progress`, look at a cancel token, and report."""

from core.jobs.report import Job, Report

__all__ = ["Job", "Report"]
