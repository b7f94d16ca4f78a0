"""Tests of what puts the add-in into Excel, over made-up machines and profiles."""
