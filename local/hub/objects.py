"""Records as the JSON objects of GitHub's REST API, each with every field its schema requires."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.hub.bare import Commit
from local.hub.records import Account, Build, Repository, Site

Json = dict[str, Any]

REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
USER_LINKS = {
    "events_url": "/events{/privacy}",
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "organizations_url": "/orgs",
    "received_events_url": "/received_events",
    "repos_url": "/repos",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
}
SWITCHED_ON = ("has_issues", "has_projects", "has_downloads", "has_wiki", "allow_forking")
SWITCHED_OFF = ("fork", "has_discussions", "archived", "disabled", "is_template")
COUNTS = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "network_count",
    "subscribers_count",
)


@dataclass(frozen=True)
class Links:
    """The addresses of one hub, as GITHUB_SERVER_URL and GITHUB_API_URL name them."""

    server: str

    @property
    def api(self) -> str:
        return f"{self.server}/api/v3"

    @property
    def pages(self) -> str:
        return f"{self.server}/pages"

    def repository(self, full_name: str) -> str:
        return f"{self.api}/repos/{full_name}"

    def clone(self, full_name: str) -> str:
        return f"{self.server}/{full_name}.git"

    def site(self, full_name: str) -> str:
        return f"{self.pages}/{full_name}/"


def moment(seconds: float | None) -> str | None:
    """Return seconds since the epoch as GitHub writes times."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: int) -> str:
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def simple_user(account: Account, links: Links) -> Json:
    url = f"{links.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.type, account.id),
        "avatar_url": f"{links.server}/avatars/u/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{links.server}/{account.login}",
        **{key: url + path for key, path in USER_LINKS.items()},
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(account: Account, links: Links, repositories: int) -> Json:
    absent = ("bio", "blog", "company", "email", "hireable", "location")
    return {
        **simple_user(account, links),
        **dict.fromkeys(absent),
        "name": account.login,
        "followers": 0,
        "following": 0,
        "public_gists": 0,
        "public_repos": repositories,
        "created_at": moment(account.created_at),
        "updated_at": moment(account.created_at),
    }


def private_user(account: Account, links: Links, repositories: int) -> Json:
    counts = ("collaborators", "disk_usage", "owned_private_repos", "private_gists")
    return {
        **public_user(account, links, repositories),
        **dict.fromkeys((*counts, "total_private_repos"), 0),
        "two_factor_authentication": True,
        "user_view_type": "private",
    }


def minimal_repository(repository: Repository, owner: Account, links: Links) -> Json:
    url = links.repository(repository.full_name)
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": simple_user(owner, links),
        "html_url": f"{links.server}/{repository.full_name}",
        "description": repository.description,
        "fork": False,
        "url": url,
        **{key: url + path for key, path in REPOSITORY_LINKS.items()},
    }


def full_repository(repository: Repository, owner: Account, links: Links) -> Json:
    clone = links.clone(repository.full_name)
    return {
        **minimal_repository(repository, owner, links),
        "clone_url": clone,
        "git_url": clone,
        "ssh_url": clone,
        "svn_url": f"{links.server}/{repository.full_name}",
        "homepage": repository.homepage,
        "language": None,
        "mirror_url": None,
        "license": None,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
        "has_pages": repository.site is not None,
        "pushed_at": moment(repository.pushed_at),
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.updated_at),
        **dict.fromkeys(SWITCHED_ON, True),
        **dict.fromkeys(SWITCHED_OFF, False),
        **dict.fromkeys(COUNTS, 0),
    }


def page(repository: Repository, site: Site, links: Links) -> Json:
    builds = [build.status for build in site.builds]
    status = "building" if builds[-1:] == ["queued"] else builds[-1] if builds else None
    return {
        "url": f"{links.repository(repository.full_name)}/pages",
        "status": status,
        "cname": None,
        "custom_404": False,
        "html_url": links.site(repository.full_name),
        "build_type": site.build_type,
        "source": {"branch": site.branch, "path": site.path},
        "public": True,
        "https_enforced": True,
    }


def page_build(repository: Repository, build: Build, pusher: Account, links: Links) -> Json:
    return {
        "url": f"{links.repository(repository.full_name)}/pages/builds/{build.id}",
        "status": build.status,
        "error": {"message": build.error},
        "pusher": simple_user(pusher, links),
        "commit": build.commit,
        "duration": int((build.updated_at - build.created_at) * 1000) if build.finished else 0,
        "created_at": moment(build.created_at),
        "updated_at": moment(build.updated_at),
    }


def simple_commit(commit: Commit) -> Json:
    person = {"name": commit.author, "email": commit.email}
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.date,
        "author": person,
        "committer": person,
    }
