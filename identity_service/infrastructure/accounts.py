"""How the use cases for users and clients fit; the container hands in what they stand on."""

from typing import Any

from dependency_injector import containers, providers

from identity_service.application.cursors import Cursors
from identity_service.application.services import ClientService, UserService
from identity_service.application.use_cases.clients.create_client import CreateClient
from identity_service.application.use_cases.clients.credentials import ClientCredentials
from identity_service.application.use_cases.clients.get_client import GetClient
from identity_service.application.use_cases.clients.list_clients import ListClients
from identity_service.application.use_cases.users.create_user import CreateUser
from identity_service.application.use_cases.users.get_user import GetUser
from identity_service.application.use_cases.users.list_users import ListUsers


class Accounts(containers.DeclarativeContainer):
    """Users and clients. Knows no adapter."""

    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    names: Any = providers.Dependency()
    hasher: Any = providers.Dependency()
    slow_hasher: Any = providers.Dependency()
    keyed_digest: Any = providers.Dependency()
    random: Any = providers.Dependency()
    new_id: Any = providers.Dependency()
    grants: Any = providers.Dependency()
    default_audience: Any = providers.Dependency()

    cursors = providers.Singleton(Cursors, keyed_digest)
    credentials = providers.Singleton(ClientCredentials, random=random, new_id=new_id, slow=slow_hasher)

    users = providers.Singleton(
        UserService,
        create_user=providers.Singleton(CreateUser, begin=begin, names=names, hasher=hasher, new_id=new_id),
        get_user=providers.Singleton(GetUser, read=read, names=names),
        list_users=providers.Singleton(ListUsers, read=read, names=names, cursors=cursors),
    )
    clients = providers.Singleton(
        ClientService,
        create_client=providers.Singleton(
            CreateClient,
            begin=begin,
            credentials=credentials,
            new_id=new_id,
            grants=grants,
            default_audience=default_audience,
        ),
        get_client=providers.Singleton(GetClient, read=read),
        list_clients=providers.Singleton(ListClients, read=read, cursors=cursors),
    )
